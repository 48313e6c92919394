import { expect, test } from 'vitest'
import { NotThere } from '../contract/capabilities.js'
import { acmeAt, bodyOf, bytesOf, itemOf, sampleBytes, soon } from './fixtures.js'
import { memoryRepository, placeOf } from './memory-repository.js'

const data = sampleBytes(100)

test('it shows what is there, and what was asked of it, in order', async () => {
  const repository = memoryRepository([{ format: 'file', path: 'hello.txt' }, Buffer.from('hello')])
  expect(await repository.create(itemOf(data), bodyOf(data), soon())).toEqual({ outcome: 'accepted', location: placeOf(acmeAt) })
  expect((await bytesOf(await repository.read('hello.txt', soon()))).toString()).toBe('hello')
  await expect(repository.read('other.txt', soon())).rejects.toThrow(NotThere)
  expect([...repository.files.keys()]).toEqual(['hello.txt', placeOf(acmeAt)])
  expect(repository.calls).toEqual(['create', 'read', 'read'])
})

test('a fault takes the place of a method for so many calls, and can call it', async () => {
  const repository = memoryRepository()
  const loseTheAnswer: Parameters<typeof repository.instead<'create'>>[1] =
    (create) =>
    async (...given) => {
      await create(...given)
      throw new Error('ECONNRESET')
    }
  repository.instead('create', loseTheAnswer, 1)
  await expect(repository.create(itemOf(data), bodyOf(data), soon())).rejects.toThrow('ECONNRESET')
  expect(await repository.create(itemOf(data), bodyOf(data), soon())).toEqual({ outcome: 'exists' })
  expect(repository.count('create')).toBe(2)
  expect([...repository.files.values()]).toEqual([data])
})

test('faults are used up in the order in which they came', async () => {
  const repository = memoryRepository()
  const fail = (message: string) => () => async () => {
    throw new Error(message)
  }
  repository.instead('observe', fail('first'), 1)
  repository.instead('observe', fail('then'))
  const seen = () => repository.observe(acmeAt, soon()).catch((error: Error) => error.message)
  expect([await seen(), await seen(), await seen()]).toEqual(['first', 'then', 'then'])
})
