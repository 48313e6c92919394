import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packagePart } from './package-part.js'

// GitLab's own, for names and for versions.
const name = /^[A-Za-z0-9._\-+]+$/
const version = /^(?!.*\.\.)[\w+.-]+$/
const formerVersion = /^(\.?[\w+-]+\.?)+$/

test.each([
  ['acme', 'acme'],
  ['1.2.3', '1.2.3'],
  ['1.2.3+ee.0', '1.2.3_2Bee.0'],
  ['1.2.3~rc1', '1.2.3_7Erc1'],
  ['ubuntu/jammy', 'ubuntu_2Fjammy'],
  ['a_b', 'a_5Fb'],
  ['..', '_2E_2E'],
  ['.a.', '_2Ea_2E'],
  ['ä', '_C3_A4'],
  ['🙂', '_F0_9F_99_82'],
])('%j is %s', (text, part) => {
  expect(packagePart(text)).toBe(part)
})

test('every text is something that GitLab takes, and no two are the same', () => {
  const label = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 255 }),
    fc.array(fc.constantFrom('a', '1', '.', '_', '-', '+', '/', '2E', '\n', 'ä'), { maxLength: 200 }).map((parts) => parts.join('')),
  )
  const seen = new Map<string, string>()
  fc.assert(
    fc.property(label, (text) => {
      const part = packagePart(text)
      expect(part).toMatch(name)
      expect(part).toMatch(version)
      expect(part.length).toBeLessThanOrEqual(150)
      if (part.length < 60) expect(part).toMatch(formerVersion)
      expect(seen.get(part) ?? text).toBe(text)
      seen.set(part, text)
    }),
    { numRuns: 2000 },
  )
})
