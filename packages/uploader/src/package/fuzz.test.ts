import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeDeb, makeRpm } from '../testing/packages/index.js'
import { inMemory } from './bytes.js'
import { PackageError } from './error.js'
import { inspectBytes } from './inspect.js'

/** A refusal and an identity are both right; anything else that is thrown is a mistake of ours. fast-check prints its seed. */
async function isIdentifiedOrRefused(bytes: Uint8Array): Promise<void> {
  const result = await inspectBytes(inMemory('x', bytes)).catch((error: unknown) => error)
  if (result instanceof PackageError) return
  expect(result).toMatchObject({
    name: expect.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/),
    canonicalFile: expect.stringMatching(/^[^/\s]+$/),
  })
}

describe.each([
  ['.deb', makeDeb({ name: 'acme', version: '1.2.3', architecture: 'amd64', compression: 'none' })],
  ['.deb with gzip', makeDeb({ name: 'acme', version: '1.2.3', architecture: 'amd64' })],
  ['.rpm', makeRpm({ name: 'acme', version: '1.2.3', release: '1', architecture: 'x86_64', epoch: 1 })],
])('a %s', (_format, original) => {
  test('with any bytes changed is identified or refused', async () => {
    const changes = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = Uint8Array.from(original)
        for (const [at, value] of list) bytes[at] = value
        await isIdentifiedOrRefused(bytes)
      }),
      { numRuns: 500 },
    )
  })

  test('with a piece cut out or put in is identified or refused', async () => {
    const edit = fc.tuple(fc.nat(original.length), fc.nat(64), fc.uint8Array({ maxLength: 64 }))
    await fc.assert(
      fc.asyncProperty(edit, ([at, without, put]) =>
        isIdentifiedOrRefused(Buffer.concat([original.subarray(0, at), put, original.subarray(at + without)])),
      ),
      { numRuns: 300 },
    )
  })
})
