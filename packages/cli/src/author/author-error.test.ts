import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { AuthorError } from './author-error.js'

test.each([
  ['other', 'Import it with its full name: other.ts'],
  ['other.js', 'Import it with its real name: other.ts'],
  ['none', undefined],
])('an import of %s says which file is meant', (name, next) => {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'other.ts'), '')
  const error = new Error(`Cannot find module '${join(folder, name)}' imported from ${join(folder, 'pipeline.ts')}`)
  const { message } = AuthorError.from(error, join(folder, 'pipeline.ts'))
  if (next === undefined) expect(message).not.toContain('Import it')
  else expect(message).toContain(next)
})

test.each([
  ["Cannot find package 'stagegate' imported from /x/pipeline.ts", 'npm install --save-dev stagegate'],
  ["Cannot find module 'lodash/fp'", 'npm install --save-dev lodash'],
])('a package that is missing can be installed: %s', (message, next) => {
  expect(AuthorError.from(new Error(message), '/x/pipeline.ts').message).toContain(next)
})

test('text that cannot be parsed has a caret below its column', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'pipeline.ts')
  writeFileSync(file, '\nconst x = = 2\n')
  const { message } = AuthorError.from(new Error(`ParseError: Unexpected token  \n ${file}:2:10`), file)
  expect(message).toContain('pipeline.ts:2: ParseError: Unexpected token\n\n  2 | const x = = 2\n    |           ^\n')
})
