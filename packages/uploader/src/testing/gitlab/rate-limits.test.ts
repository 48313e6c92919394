import { expect, test } from 'vitest'
import { emulated } from './emulated.js'
import { RateLimits, type RateLimitsOptions } from './rate-limits.js'

const packages = '/api/v4/projects/7/packages'

async function limited(options: RateLimitsOptions) {
  const { ask } = await emulated({ more: () => [new RateLimits(options)] })
  const statuses = async (...paths: readonly string[]) => {
    const seen: number[] = []
    for (const path of paths) seen.push((await ask(path)).status)
    return seen
  }
  return { ask, statuses }
}

test('every so many requests some are refused, and those for other things never', async () => {
  const { statuses } = await limited({ allowed: 2, refused: 2 })
  expect(await statuses(packages, packages, '/api/v4/job', packages, '/api/v4/job', packages, packages)).toEqual([
    200, 200, 200, 429, 200, 429, 200,
  ])
  const releases = await limited({ on: ['releases'], allowed: 0 })
  expect(await releases.statuses(packages, '/api/v4/projects/7/releases')).toEqual([200, 429])
})

test('the front end says when to come again, in plain text', async () => {
  const { ask } = await limited({ allowed: 0, retryAfter: 7 })
  const answer = await ask(packages)
  expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([429, 'Retry later\n', 'text/plain'])
  expect(answer.headers.get('retry-after')).toBe('7')
  const reset = Number(answer.headers.get('ratelimit-reset'))
  expect(reset).toBeGreaterThan(Date.parse('2020-01-01') / 1000)
  expect(Date.parse(answer.headers.get('ratelimit-resettime') ?? '')).toBe(reset * 1000)
  expect(answer.headers.get('ratelimit-remaining')).toBe('0')
})

test('an endpoint says nothing of that', async () => {
  const { ask } = await limited({ allowed: 0, by: 'endpoint' })
  const answer = await ask(packages)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, null])
  expect(await answer.json()).toEqual({ message: { error: expect.stringContaining('too many times') } })
})
