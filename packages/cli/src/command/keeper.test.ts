import { expect, test } from 'vitest'
import { Keeper } from './keeper.js'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what grows while it is written is written once more, however often it grew', async () => {
  const grown: number[] = []
  const written: number[] = []
  const endings: (() => void)[] = []
  let under = 0
  const keeper = new Keeper(async () => {
    expect(++under).toBe(1)
    const seen = grown.length
    await new Promise<void>((resolve) => endings.push(resolve))
    written.push(seen)
    under--
  })
  for (let count = 1; count <= 5; count++) {
    grown.push(count)
    keeper.grown()
  }
  endings.shift()?.()
  await turn()
  endings.shift()?.()
  await turn()
  expect(written).toEqual([1, 5])
  grown.push(6)
  keeper.grown()
  const done = keeper.done()
  for (let turns = 0; turns < 10 && written.length < 4; turns++) {
    endings.shift()?.()
    await turn()
  }
  await done
  expect(written).toEqual([1, 5, 6, 6])
})

test('a write that fails on the way does not matter when the last one succeeds, and the last one’s failure is told', async () => {
  let fails = true
  const keeper = new Keeper(async () => {
    if (fails) throw new Error('the disk is full')
  })
  keeper.grown()
  await turn()
  keeper.grown()
  await expect(keeper.done()).rejects.toThrow('the disk is full')
  fails = false
  keeper.grown()
  await keeper.done()
})
