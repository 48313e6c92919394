import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const product = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' }).filter(
  (path) => /^[a-z]+\/src\/.*\.ts$/.test(path) && !/\.test(-d)?\.ts$|\/testing\//.test(path),
)
const linesOf = (path: string) => readFileSync(join(root, 'packages', path), 'utf8').split('\n')

test('no comment begins with a relative clause: the subject comes first', () => {
  const found = product.flatMap((path) =>
    linesOf(path).flatMap((line, index) =>
      /^\s*(?:\/\*\*|\*|\/\/) (?:What|Whoever|Which|Of|Those|Whose) .*(?<!\?)$/.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
    ),
  )
  expect(found).toEqual([])
})

test('no message begins with a relative clause, or uses words that nobody says', () => {
  const odd =
    /\b(?:what|next|message|help|meaning|action)(?::| =>) ['"`](?:What|Whoever|Which|Of|Those|Whose) |\b[Mm]end(?:ed)?\b (?:it|what|the)/
  const found = product.flatMap((path) =>
    linesOf(path).flatMap((line, index) => (odd.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  )
  expect(found).toEqual([])
})
