import { bytes, type Coordinates, type Instant, instant, later, type Outcome, type PlannedDestination, sha256 } from '@stagegate/schema'
import type { TransferEvent } from '@stagegate/uploader'

export const start: Instant = instant(Date.UTC(2026, 0, 31, 12))
export const sealed = { sha256: sha256('a'.repeat(64)), size: bytes(100 * 2 ** 20) }
export const other = sha256('b'.repeat(64))
export const stable: PlannedDestination = { repository: 'stable', advisory: false }
export const mirror: PlannedDestination = { repository: 'mirror', advisory: false }

export function packageFor(distribution: string): Coordinates {
  return { format: 'deb', distribution, architecture: 'amd64', name: 'acme', version: '1.2.3', file: 'acme_1.2.3_amd64.deb' }
}

/** Of ten seconds, in which all was sent; what is given in place of that. */
export function outcomeOf(overrides: Partial<Outcome> = {}): Outcome {
  return {
    target: 'ubuntu/jammy',
    destination: stable,
    coordinates: packageFor('ubuntu/jammy'),
    expected: sealed,
    verdict: 'published',
    bytesSent: sealed.size,
    startedAt: start,
    finishedAt: later(start, 10),
    milliseconds: { waiting: 1000, looking: 500, sending: 8000, confirming: 500 },
    ...overrides,
  }
}

type What<E> = E extends TransferEvent ? Omit<E, 'at' | 'target' | 'coordinates' | 'content'> : never

/** An event of the package for a distribution. */
export function eventOf(what: What<TransferEvent>, distribution = 'ubuntu/jammy'): TransferEvent {
  return { at: start, target: distribution, coordinates: packageFor(distribution), content: sealed, ...what }
}
