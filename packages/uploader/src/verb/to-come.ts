import { bytes, type Finding, type Instant, type Outcome, type Problem } from '@stagegate/schema'
import type { Item } from '../contract/capabilities.js'
import { coordinatesAt, type SealedArtifact } from './artifact.js'

/** Outcomes of unfinished work. A document has them from the beginning, so a killed job leaves them. */
const isUnderWay: Problem = { code: 'run/not-ended', message: 'The job had not finished this when it wrote this receipt.' }

/** For artifacts that publishing is about to bring to their destinations. */
export function outcomesToCome(artifacts: readonly SealedArtifact[], now: Instant): Outcome[] {
  return placesOf(artifacts).map(({ target, destination, ...item }) => ({ target, destination, ...notEnded(item, now) }))
}

/** The outcome of an artifact whose work is not finished. */
export function notEnded({ coordinates, content }: Item, now: Instant): Omit<Outcome, 'target' | 'destination'> {
  return {
    coordinates,
    expected: content,
    verdict: 'undetermined',
    problem: isUnderWay,
    bytesSent: bytes(0),
    startedAt: now,
    finishedAt: now,
    milliseconds: { waiting: 0, looking: 0, sending: 0, confirming: 0 },
  }
}

/** For artifacts that verifying is about to read. */
export function findingsToCome(artifacts: readonly SealedArtifact[], now: Instant): Finding[] {
  return placesOf(artifacts).map(({ content: _, ...place }) => ({ ...place, found: 'unknown', problem: isUnderWay, checkedAt: now }))
}

function placesOf(artifacts: readonly SealedArtifact[]) {
  return artifacts.flatMap(({ target, artifact: { coordinates, content }, destinations, tags }) =>
    destinations.map((destination) => ({ target, destination, coordinates: coordinatesAt(coordinates, destination, tags), content })),
  )
}

/** The outcomes so far, followed by those of unfinished work. */
export function withToCome(there: readonly Outcome[], toCome: readonly Outcome[]): readonly Outcome[] {
  const known = new Set(there.map(placeOf))
  return [...there, ...toCome.filter((outcome) => !known.has(placeOf(outcome)))]
}

function placeOf({ target, destination, coordinates }: Outcome): string {
  return JSON.stringify([target, destination.repository, coordinates])
}
