import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { callWith } from './shell.js'

test.each(["it's $(rm -rf /)", 'two\nlines', '--gate', 'publish: [el/9]', '*', "tab\t'\\x", 'ümlaut'])('a shell reads %j back', (name) => {
  const call = callWith(['audit', 'ci.yml', '--json'], [['--publishes', [name]]])
  expect(call).toMatch(/^stagegate audit ci\.yml --publishes/)
  expect(call).not.toMatch(/\p{Cc}/u)
  const script = `stagegate() { printf '%s\\0' "$@"; }; ${call}`
  const words = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
  expect(words.slice(2).join(' ').replace('--publishes=', '--publishes ')).toBe(`--publishes ${name}`)
})
