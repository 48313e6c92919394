import { isStagegateError } from '@stagegate/schema'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { jobTime, whileRunning } from './stop.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** How it was told to stop. */
const stopped = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }))

describe('the usable part of a job’s time', () => {
  test.each([
    ['6600', 6_600_000, 6_300_000],
    ['3600', 3_600_000, 3_300_000],
    ['1200', 1_200_000, 900_000],
    ['600', 600_000, 450_000],
    ['60', 60_000, 45_000],
  ])('%s seconds', (text, whole, usable) => {
    expect(jobTime({ CI_JOB_TIMEOUT: text })).toEqual({ whole, usable })
  })

  test.each([undefined, '', '0', '-5', '1h', '60.5', 'x', '99999999999', ' 60'])('%j is no time', (text) => {
    expect(jobTime({ CI_JOB_TIMEOUT: text })).toBeUndefined()
  })
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops it once, and the handler is removed afterwards', async (name) => {
  const before = process.listenerCount(name)
  const running = whileRunning(stopped, {})
  process.emit(name, name)
  const reason = await running
  expect(isStagegateError(reason) && [reason.code, reason.message]).toEqual(['job/stopped', `stopped by ${name}`])
  expect(process.listenerCount(name)).toBe(before)
})

test('it is stopped before the job’s time is over, and not where there is no such time', async () => {
  const running = whileRunning(stopped, { CI_JOB_TIMEOUT: '3600' })
  vi.advanceTimersByTime(55 * 60_000)
  const reason = await running
  expect(isStagegateError(reason) && [reason.code, reason.message]).toEqual([
    'job/time-over',
    'the job’s timeout of 1 h 0 min (CI_JOB_TIMEOUT) is almost reached',
  ])
  let ended = false
  const other = whileRunning((signal) => stopped(signal).then(() => (ended = true)), {})
  await vi.advanceTimersByTimeAsync(10 * 3_600_000)
  expect(ended).toBe(false)
  process.emit('SIGTERM', 'SIGTERM')
  await other
})

test('a time that is longer than a timer can be ends nothing at once', async () => {
  let aborted = true
  await whileRunning(
    async (signal) => {
      await vi.advanceTimersByTimeAsync(1000)
      aborted = signal.aborted
    },
    { CI_JOB_TIMEOUT: '999999999' },
  )
  expect(aborted).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})
