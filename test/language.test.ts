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

// Headings are no sentences, and the table of CONTRIBUTING quotes how not to write.
const sentencesOf = (page: string) =>
  readFileSync(join(root, page), 'utf8')
    .replace(/^ *```[\s\S]*?^ *```$/gm, '')
    .split(/\n(?:[ \t]*\n|(?=[ \t]*(?:[-*#|>]|\d+\.)[ \t|]))/)
    .filter((paragraph) => !(page === 'CONTRIBUTING.md' && paragraph.trimStart().startsWith('|')) && !paragraph.startsWith('#'))
    .flatMap((paragraph) => paragraph.split(/(?<=[.!?:](?:\*\*|["'”)])?)\s+|\|/))
    .map((sentence) => sentence.replace(/^[\s*#>_\d.-]+/, '').trim())

test('no sentence of a page begins with a relative clause', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => join('docs', path)),
    ...['schema', 'sdk', 'uploader', 'cli'].map((name) => join('packages', name, 'README.md')),
  ]
  const found = pages.flatMap((page) =>
    sentencesOf(page)
      .filter((sentence) => /^(?:What|Whoever|Which|Of|Those|Whose)\s[^?]*$/.test(sentence))
      .map((sentence) => `${page}: ${sentence}`),
  )
  expect(found).toEqual([])
})
