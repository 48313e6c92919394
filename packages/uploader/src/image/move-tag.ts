import { type ImageOutcome, type Sha256, StagegateError } from '@stagegate/schema'
import type { Pointers, TagPlace } from '../repository/capabilities.js'
import { RepositoryRefusal } from '../repository/refusal.js'
import type { Ask } from './persevere.js'
import { newerThan } from './tags.js'

export interface Forward {
  /** Ours. */
  readonly version: string
  /** How many of its numbers the others must have in common with it. */
  readonly scope: number
}

type Moved = Omit<ImageOutcome['tags'][number], 'tag'>

/** Several releases can move one tag at the same time; more rounds than this are somebody's mistake. */
const mostRounds = 5

/**
 * Moves a tag to our image, unless a newer version is public: then to that one, should it be behind. It is looked at after
 * each write, so that of two releases that race the last to write sees the other's version, and the newest wins.
 *
 * @param ask runs a request until it is answered
 * @throws {StagegateError} when it is moved by others again and again, or the registry refuses
 */
export async function moveTag(repository: Pointers, place: TagPlace, ours: Sha256, { version, scope }: Forward, ask: Ask): Promise<Moved> {
  const resolve = (tag: string) => ask((call) => repository.resolve({ ...place, tag }, call))
  const first = await resolve(place.tag)
  let seen = first
  for (let round = 0; round < mostRounds; round++) {
    const tags = await ask((call) => repository.tags(place.image, call))
    const newer = newerThan(version, scope, tags)
    // Where a newer one is public, the tag is its business, unless we were the last to write.
    if (newer !== undefined && seen !== ours) return { before: first ?? null, after: seen ?? null, because: `${newer} is newer` }
    const wanted = newer === undefined ? ours : await resolve(newer)
    if (wanted === undefined || (seen === wanted && round > 0)) return { before: first ?? null, after: seen ?? null }
    if (seen === wanted) return { before: first ?? null, after: wanted }
    const expected = seen
    const written = await ask((call) => repository.point(place, wanted, expected, call))
    if (written.outcome === 'refused')
      throw new RepositoryRefusal({ code: written.because.code, what: written.because.message, where: place.tag })
    seen = await resolve(place.tag)
  }
  throw new StagegateError({
    code: 'image/tag-contested',
    what: `the tag ${place.tag} of ${place.image} is moved by others all the time`,
    next: 'Run it again once the other releases are done.',
  })
}
