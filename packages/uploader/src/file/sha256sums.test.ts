import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseSha256Sums } from './sha256sums.js'

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]

test.each<[string, string, readonly [string, string][]]>([
  [
    'text',
    `${a}  hello.deb\n${b}  dir/two words.tar.gz\n`,
    [
      ['hello.deb', a],
      ['dir/two words.tar.gz', b],
    ],
  ],
  ['binary', `${a} *hello.deb\n`, [['hello.deb', a]]],
  ['BSD', `SHA256 (hello (1).deb) = ${a}\n`, [['hello (1).deb', a]]],
  [
    'Windows line ends and a byte order mark',
    `\ufeff${a}  hello.deb\r\n${b}  two\r\n`,
    [
      ['hello.deb', a],
      ['two', b],
    ],
  ],
  ['upper-case digests', `${a.toUpperCase()}  hello.deb`, [['hello.deb', a]]],
  ['names with escapes', `\\${a}  one\\ntwo\\\\three\n`, [['one\ntwo\\three', a]]],
  ['backslashes that are none', `${a}  one\\ntwo\n`, [['one\\ntwo', a]]],
  ['empty lines and comments', `# of 1.2.3\n\n${a}  hello.deb\n\n`, [['hello.deb', a]]],
  ['the same line twice', `${a}  hello.deb\n${a}  hello.deb\n`, [['hello.deb', a]]],
])('reads %s', (_, text, files) => {
  expect(parseSha256Sums(text)).toEqual(files.map(([file, sha256]) => ({ file, sha256 })))
})

test.each([
  ['', 'it names no file'],
  ['\n# nothing\n', 'it names no file'],
  ['<html>', 'line 1 does not have the form that sha256sum writes'],
  [`${a}  fine\n${a.slice(1)}  short\n`, 'line 2 does not have the form that sha256sum writes'],
  [`${a} one-space\n`, 'line 1 does not have the form that sha256sum writes'],
  [`${a}  \n`, 'line 1 does not have the form that sha256sum writes'],
  [`${a}  hello.deb\n${b}  hello.deb\n`, 'line 2 gives hello.deb a second digest'],
  [`SHA512 (hello.deb) = ${a}\n`, 'line 1 does not have the form that sha256sum writes'],
])('refuses %j', (text, what) => {
  expect(() => parseSha256Sums(text)).toThrow(expect.objectContaining({ code: 'usage/sha256sums', message: expect.stringContaining(what) }))
})

test('reads what sha256sum itself writes, whatever the names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-'))
  try {
    const names = ['plain.deb', 'two  spaces', '*star', 'back\\slash', 'line\nbreak', '(round)', ' blank']
    for (const name of names) writeFileSync(join(folder, name), name)
    for (const words of [[], ['--tag'], ['--binary']]) {
      const text = execFileSync('sha256sum', [...words, '--', ...names], { cwd: folder, encoding: 'utf8' })
      expect(parseSha256Sums(text).map(({ file }) => file)).toEqual(names)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
