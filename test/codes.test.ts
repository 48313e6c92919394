import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes } from '@stagegate/schema'
import { issueCodes } from '@stagegate/sdk'
import { expect, test } from 'vitest'
import { codesPage } from './tasks/codes.mjs'

const root = new URL('..', import.meta.url).pathname

/** Every text in product code that has the form of a code of one of the known families. */
const used = new Set(
  readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[a-z]+\/src\/.*\.ts$/.test(path) && !/\.test(-d)?\.ts$|\/testing\//.test(path))
    .flatMap((path) => [...readFileSync(join(root, 'packages', path), 'utf8').matchAll(/'([a-z]+\/[a-z0-9-]+)'/g)])
    .map(([, code = '']) => code),
)
const families = new Set([...Object.keys(errorCodes), ...Object.keys(issueCodes)].map((code) => code.split('/', 1)[0]))
const lintRules = [...used].filter((code) => code.startsWith('gitlab/') && !Object.hasOwn(errorCodes, code))

test('every code of an error or an issue is in a table', () => {
  const known = new Set([...Object.keys(errorCodes), ...Object.keys(issueCodes), ...lintRules])
  const missing = [...used].filter((code) => families.has(code.split('/', 1)[0]) && !known.has(code))
  expect(missing).toEqual([])
})

test('no table has a code that nothing uses', () => {
  expect([...Object.keys(errorCodes), ...Object.keys(issueCodes)].filter((code) => !used.has(code))).toEqual([])
})

test('every error code says what it means and what to do, in plain sentences', () => {
  for (const [code, { meaning, action }] of Object.entries(errorCodes)) {
    expect(meaning, code).toMatch(/^\S.*\.$/)
    expect(action, code).toMatch(/^[A-Z].*[.]$/)
  }
})

test('docs/codes.md is what npm run codes writes', async () => {
  expect(readFileSync(join(root, 'docs/codes.md'), 'utf8')).toBe(await codesPage())
})
