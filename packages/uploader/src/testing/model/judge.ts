import type { Outcome } from '@stagegate/schema'
import { expect } from 'vitest'
import { exitCodeOf } from '../../exit-code.js'
import { placeOf } from '../fixtures.js'
import type { Run } from './run.js'
import type { World } from './world.js'

/** What a run says at its end, against what its servers know. `alone`: nobody else changed anything meanwhile. */
export function judge(world: World, run: Run, outcomes: readonly Outcome[], alone: boolean): void {
  for (const outcome of outcomes) {
    const wrong = wrongWith(outcome, world, run)
    if (wrong !== undefined)
      world.violations.push(`${outcome.verdict} for ${outcome.target} at ${outcome.destination.repository}: ${wrong}`)
  }
  // Statement 5: exit code 0 stands for everything.
  const confirmed = outcomes.every(({ verdict }) => verdict === 'published' || verdict === 'already-public')
  expect(exitCodeOf(outcomes) === 0).toBe(confirmed && outcomes.length > 0)
  // Statement 8: one reading for all destinations, where nothing went wrong on the way.
  if (alone && run.wronged.size === 0 && !run.stopped) {
    for (const { coordinates } of world.items) {
      const readings = run.trace('staging', placeOf(coordinates)).filter(({ is }) => is === 'seen' || is === 'gone')
      expect(readings.length).toBeLessThanOrEqual(1)
    }
  }
}

function wrongWith({ destination, coordinates, expected, seen, verdict, bytesSent }: Outcome, world: World, run: Run): string | undefined {
  const place = placeOf(coordinates)
  const server = world.servers.find(({ name }) => name === destination.repository)
  if (server === undefined) return 'there is no such server'
  const last = run.trace(server.name, place).at(-1)
  const shown = last?.is === 'seen' ? last.sha256 : undefined
  const staged = run.trace('staging', place)
  // Statement 5: whatever is wrong elsewhere is no excuse.
  const wronged = run.wronged.has(server.host) || run.wronged.has(world.staging.host)
  const excused = run.stopped || wronged || (run.bereft && server === world.staging)
  const sent = run.received.get(`${server.name} ${place}`) ?? 0
  if (sent !== bytesSent) return `it says that it sent ${bytesSent} bytes, and ${sent} came`
  switch (verdict) {
    case 'published':
    case 'already-public':
      // Statement 10.
      return shown === expected.sha256 && seen === shown ? undefined : `the last that was seen is ${JSON.stringify(last)}`
    case 'conflict':
      return shown !== undefined && shown !== expected.sha256 && seen === shown
        ? undefined
        : `the last that was seen is ${JSON.stringify(last)}`
    case 'tampered':
      if (last?.is !== 'absent') return `the last that was seen is ${JSON.stringify(last)}`
      return staged.some((one) => one.is === 'seen' && one.sha256 !== expected.sha256) ? undefined : 'staging gave the right bytes'
    case 'missing':
      if (last?.is !== 'absent') return `the last that was seen is ${JSON.stringify(last)}`
      return staged.some(({ is }) => is === 'gone') ? undefined : 'staging has it'
    case 'failed':
    case 'undetermined':
      return excused ? undefined : 'nothing was wrong'
  }
}
