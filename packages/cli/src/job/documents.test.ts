import { dirname } from 'node:path'
import { isLabel } from '@stagegate/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { documentPath, junitPathFor } from './documents.js'

const label = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...'/.\\*?[]{}!~%:&$`\'"<>| a', '..', '%2f', '\u{1f600}'), maxLength: 8 }),
  )
  .filter(isLabel)

test('a document is in its folder whatever its label, and separate from those of other labels', () => {
  fc.assert(
    fc.property(label, label, (one, other) => {
      const path = documentPath('records', one)
      expect(dirname(path)).toBe('.stagegate/records')
      // No separator of any system, and nothing that a pattern could take for more than itself.
      expect(path.slice('.stagegate/records/'.length)).toMatch(/^[A-Za-z0-9_.!~'()%-]+\.json$/)
      expect(documentPath('records', other) === path).toBe(one === other)
    }),
    { numRuns: 2_000 },
  )
})

test('a document of a long label, or of many, has a unique name that file systems accept', () => {
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 200 }), fc.array(label, { minLength: 1, maxLength: 200 }), (some, others) => {
      const [one, other] = [some.join('+'), others.join('+')]
      const path = documentPath('receipts', one)
      expect(junitPathFor(path).slice('.stagegate/receipts/'.length).length).toBeLessThanOrEqual(200)
      expect(path.slice('.stagegate/receipts/'.length)).toMatch(/^[A-Za-z0-9_.!~'()%-]+\.json$/)
      expect(documentPath('receipts', other) === path).toBe(one === other)
    }),
  )
})
