import { Readable } from 'node:stream'
import { bytes } from '@stagegate/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Body } from '../../contract/capabilities.js'
import { bytesOf, contentOf, sampleBytes } from '../../testing/fixtures.js'
import { Chunks } from './chunks.js'

function bodyIn(data: Buffer, cuts: readonly number[]): Body {
  const edges = [0, ...cuts.map((cut) => cut % (data.length + 1)), data.length].sort((a, b) => a - b)
  const pieces = edges.slice(1).map((end, index) => data.subarray(edges[index], end))
  return { content: contentOf(data), stream: () => Readable.from(pieces) }
}

test('whatever a body comes in and is sent in, its bytes are the same', async () => {
  const many = fc.array(fc.nat(), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 5000 }),
      many,
      fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 20 }),
      fc.nat(),
      async (size, cuts, lengths, skipped) => {
        const data = sampleBytes(size)
        const chunks = new Chunks(bodyIn(data, cuts))
        const first = skipped % (size + 1)
        await chunks.skip(first)
        const sent: Buffer[] = []
        for (let at = first, turn = 0; at < size; turn++) {
          const piece = chunks.next(Math.min(lengths[turn % Math.max(1, lengths.length)] ?? 1000, size - at))
          const part = await bytesOf(piece.stream())
          expect(part.length).toBe(piece.content.size)
          sent.push(part)
          at += part.length
        }
        await chunks.end()
        expect(Buffer.concat(sent).equals(data.subarray(first))).toBe(true)
      },
    ),
  )
})

test('a body’s error is that of the piece that is being sent', async () => {
  const wrong = new Error('other bytes')
  const stream = () =>
    Readable.from(
      (async function* () {
        yield Buffer.alloc(10)
        throw wrong
      })(),
    )
  const chunks = new Chunks({ content: { ...contentOf(Buffer.alloc(20)), size: bytes(20) }, stream })
  await bytesOf(chunks.next(10).stream())
  await expect(bytesOf(chunks.next(10).stream())).rejects.toBe(wrong)
})

test('a body that has more than was sent has not ended', async () => {
  const chunks = new Chunks(bodyIn(Buffer.alloc(20), [7]))
  await bytesOf(chunks.next(10).stream())
  await expect(chunks.end()).rejects.toThrow('Expected the body to end')
})

test('closing it closes the body, also while it is silent', async () => {
  const source = new Readable({ read: () => undefined })
  source.push(Buffer.alloc(10))
  const chunks = new Chunks({ content: contentOf(Buffer.alloc(20)), stream: () => source })
  const piece = chunks.next(20).stream()
  piece.on('error', () => undefined)
  const closed = new Promise((resolve) => piece.once('close', resolve))
  piece.once('data', () => {
    piece.destroy()
    chunks.close()
  })
  await closed
  expect(source.destroyed).toBe(true)
})
