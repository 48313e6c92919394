import { expect, test, vi } from 'vitest'
import { tellListener } from './listener.js'

const error = new Error('the log is full')

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw error
    },
  ],
  ['rejects', () => Promise.reject(error)],
  [
    'rejects later',
    async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw error
    },
  ],
  // biome-ignore lint/suspicious/noThenProperty: libraries make such objects.
  ['answers a promise of its own kind', () => ({ then: (_: unknown, reject: (reason: Error) => void) => reject(error) })],
  [
    'answers a promise that throws',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: libraries make such objects.
      then: () => {
        throw error
      },
    }),
  ],
  ['answers nothing', () => null],
])('a listener that %s is harmless', async (_, listener) => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  try {
    tellListener(listener)
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', unhandled)
  }
  expect(unhandled).not.toHaveBeenCalled()
})
