import { expect, test } from 'vitest'
import { GrowingDocument } from './growing-document.js'

const turn = () => new Promise((resolve) => setImmediate(resolve))

const noRest = async () => undefined

test('it rests after each write, and writes once for everything that came up meanwhile', async () => {
  let grown = 0
  const written: number[] = []
  const rests: (() => void)[] = []
  const document = new GrowingDocument(
    async () => {
      written.push(grown)
    },
    (_, stop) =>
      new Promise((resolve) => {
        rests.push(resolve)
        stop.addEventListener('abort', () => resolve())
      }),
  )
  for (grown = 1; grown < 1000; grown++) {
    document.grown()
    await turn()
  }
  expect(written).toEqual([1])
  rests.shift()?.()
  await turn()
  expect(written).toEqual([1, 1000])
  // The end waits for no rest.
  await document.done()
  expect(written).toEqual([1, 1000, 1000])
})

test('the pause is proportional to the write, and ends with the work', async () => {
  let writes = 0
  const document = new GrowingDocument(async () => {
    writes++
  })
  document.grown()
  await turn()
  document.grown()
  await document.done()
  // Whether it is in its rest at the end or not.
  expect([2, 3]).toContain(writes)
})

test('a document that grows while it is written is written once more, however often it grew', async () => {
  const grown: number[] = []
  const written: number[] = []
  const endings: (() => void)[] = []
  let under = 0
  const document = new GrowingDocument(async () => {
    expect(++under).toBe(1)
    const seen = grown.length
    await new Promise<void>((resolve) => endings.push(resolve))
    written.push(seen)
    under--
  }, noRest)
  for (let count = 1; count <= 5; count++) {
    grown.push(count)
    document.grown()
  }
  endings.shift()?.()
  await turn()
  endings.shift()?.()
  await turn()
  expect(written).toEqual([1, 5])
  grown.push(6)
  document.grown()
  const done = document.done()
  for (let turns = 0; turns < 10 && written.length < 4; turns++) {
    endings.shift()?.()
    await turn()
  }
  await done
  expect(written).toEqual([1, 5, 6, 6])
})

test('only a failure of the last write is reported', async () => {
  let fails = true
  const document = new GrowingDocument(async () => {
    if (fails) throw new Error('the disk is full')
  }, noRest)
  document.grown()
  await turn()
  document.grown()
  await expect(document.done()).rejects.toThrow('the disk is full')
  fails = false
  document.grown()
  await document.done()
})
