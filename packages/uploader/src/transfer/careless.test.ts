import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { PublicRepository } from '../contract/capabilities.js'
import { memoryRepository } from '../testing/fixtures.js'
import { other, readings, run } from '../testing/transfer/run.js'

test('a create() that does not notice that its stream fails delays nobody, and altered bytes are reported as such', async () => {
  const careless: PublicRepository = {
    ...memoryRepository(),
    // It waits for an end, which a stream that fails does not have.
    create: (_item, body) =>
      new Promise((resolve) =>
        body
          .stream()
          .on('end', () => resolve({ outcome: 'accepted' }))
          .resume(),
      ),
  }
  const altered = readings(() => Readable.from([other]))
  const { only } = await run([careless], { open: altered, limits: { leaveBehind: 10 } })
  expect(only).toMatchObject({ verdict: 'tampered', problem: { code: 'content/mismatch', side: 'source' } })
  expect(altered.count()).toBe(1)
})
