import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pace } from './pace.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** 100 bytes a second, over ten seconds. */
function paceOf() {
  const slow = vi.fn()
  return { pace: new Pace(100, 10_000, slow), slow }
}

test('a trickle is too slow after the first window', () => {
  const { pace, slow } = paceOf()
  pace.start()
  for (let second = 0; second < 9; second++) {
    vi.advanceTimersByTime(1000)
    pace.moved(99)
  }
  expect(slow).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1001)
  expect(slow).toHaveBeenCalledOnce()
})

test('a stream that slows to a trickle is too slow within two windows, however much came before', () => {
  const { pace, slow } = paceOf()
  pace.start()
  pace.moved(1_000_000)
  vi.advanceTimersByTime(19_000)
  expect(slow).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1002)
  expect(slow).toHaveBeenCalledOnce()
})

test('a fast enough stream goes on', () => {
  const { pace, slow } = paceOf()
  pace.start()
  for (let second = 0; second < 100; second++) {
    pace.moved(120)
    vi.advanceTimersByTime(1000)
  }
  expect(slow).not.toHaveBeenCalled()
})

test('time without a waiting reader does not count', () => {
  const { pace, slow } = paceOf()
  for (let second = 0; second < 100; second++) {
    pace.start()
    vi.advanceTimersByTime(90)
    pace.pause()
    vi.advanceTimersByTime(910)
  }
  expect(slow).not.toHaveBeenCalled()
  pace.start()
  vi.advanceTimersByTime(1001)
  expect(slow).toHaveBeenCalledOnce()
})

test('a window in which this process was held up does not count, and the next one does', () => {
  const { pace, slow } = paceOf()
  const start = performance.now()
  pace.start()
  // The timer comes five seconds late, and what came meanwhile has not been read yet.
  const now = vi.spyOn(performance, 'now').mockImplementation(() => start + 15_000)
  vi.advanceTimersByTime(10_000)
  now.mockRestore()
  expect(slow).not.toHaveBeenCalled()
  vi.advanceTimersByTime(30_000)
  expect(slow).toHaveBeenCalledOnce()
})

test('a stream that has ended leaves no timer', () => {
  const { pace, slow } = paceOf()
  pace.start()
  pace.end()
  expect(vi.getTimerCount()).toBe(0)
  expect(slow).not.toHaveBeenCalled()
})
