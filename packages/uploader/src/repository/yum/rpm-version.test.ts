import fc from 'fast-check'
import { expect, test } from 'vitest'
import { run } from '../../package/testing/system-tools.js'
import { compareVersions } from './rpm-version.js'

test('versions compare as rpm compares them', async () => {
  const part = fc.constantFrom('0', '1', '01', '10', '2', 'a', 'b', 'rc', 'Z', '~', '^', '.', '_', '+', '..')
  const version = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
  const pairs = fc.sample(fc.tuple(version, version), { numRuns: 2000, seed: 1 })
  const script = pairs.map(([one, other]) => `print(rpm.vercmp('${one}', '${other}') .. ' ')`).join(' ')
  const answers = (await run('rpm', '--eval', `%{lua: ${script}}`)).trim().split(/\s+/).map(Number)
  expect(answers).toHaveLength(2000)
  for (const [at, [one, other]] of pairs.entries()) expect(Math.sign(compareVersions(one, other)), `${one} ${other}`).toBe(answers[at])
})
