import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { systemClock } from './clock.js'

test('a wait ends, and leaves no listener behind', async () => {
  const { signal } = new AbortController()
  await systemClock.sleep(1, signal)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('a wait that is broken off says why', async () => {
  const controller = new AbortController()
  const waiting = systemClock.sleep(60_000, controller.signal)
  controller.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
  await expect(systemClock.sleep(60_000, controller.signal)).rejects.toThrow('stopped')
})
