import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Gather, pieceSize } from './gather.js'

test('bytes that come in one turn are joined, in order, into pieces of 256 KiB or a little more', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 60 })
  fc.assert(
    fc.property(sizes, (sizes) => {
      const pieces: Buffer[] = []
      const gather = new Gather((piece) => pieces.push(piece))
      const chunks = sizes.map((size, index) => Buffer.alloc(size, index % 251))
      for (const chunk of chunks) gather.add(chunk)
      for (const piece of pieces) expect(piece.length >= pieceSize && piece.length < pieceSize + 70_000).toBe(true)
      gather.flush()
      expect(Buffer.concat(pieces).equals(Buffer.concat(chunks))).toBe(true)
    }),
  )
})

test('the rest at the end of a turn is passed on without waiting for more', async () => {
  const pieces: number[] = []
  const gather = new Gather((piece) => pieces.push(piece.length))
  gather.add(Buffer.alloc(16_384))
  gather.add(Buffer.alloc(10))
  expect(pieces).toEqual([])
  await turn()
  expect(pieces).toEqual([16_394])
  gather.add(Buffer.alloc(5))
  await turn()
  expect(pieces).toEqual([16_394, 5])
})

test('a single chunk is handed on as it is, and nothing is made of nothing', () => {
  const pieces: Buffer[] = []
  const gather = new Gather((piece) => pieces.push(piece))
  gather.flush()
  const chunk = Buffer.alloc(7)
  gather.add(chunk)
  gather.flush()
  gather.flush()
  expect(pieces).toHaveLength(1)
  expect(pieces[0]).toBe(chunk)
})

test('nothing comes any more once it is dropped', async () => {
  const pieces: Buffer[] = []
  const gather = new Gather((piece) => pieces.push(piece))
  gather.add(Buffer.alloc(7))
  gather.drop()
  await turn()
  gather.flush()
  expect(pieces).toEqual([])
})
