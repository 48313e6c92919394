import { type ImageOutcome, type Sha256, StagegateError } from '@stagegate/schema'
import type { Pointers, TagPlace, Written } from '../contract/capabilities.js'
import { RepositoryRefusal } from '../contract/refusal.js'
import { UnexpectedAnswer } from '../contract/unexpected-answer.js'
import type { Line } from './flavour.js'
import type { Ask } from './persevere.js'
import { movingAdvice } from './tag-refusal.js'
import { newerThan } from './tags.js'

export interface Forward extends Order {
  /** The tag of our version, which exists: a list without it is incomplete. */
  readonly own: string
}

interface Order {
  /** The manifest of our image, and its version. */
  readonly ours: Sha256
  readonly version: string
  /** The versions to compare it with. */
  readonly line: Line
}

type Moved = Omit<ImageOutcome['tags'][number], 'tag'>

/** Several releases can move one tag at the same time; more rounds than this are a mistake. */
const mostRounds = 5

/**
 * Moves a tag to our image, or, if a newer version is public and the tag is behind it, to that one. The tag is looked at after each write,
 * so if two releases race, the last to write sees the other's version, and the newest wins.
 *
 * @param ask runs a request until it is answered
 * @throws {StagegateError} if others move it again and again, or the registry refuses
 */
export async function moveTag(repository: Pointers, place: TagPlace, forward: Forward, ask: Ask): Promise<Moved> {
  const resolve = (tag: string) => ask('resolve', (call) => repository.resolve({ ...place, tag }, call))
  const first = await resolve(place.tag)
  let seen = first
  for (let round = 0; round < mostRounds; round++) {
    const tags = await ask('tags', async (call) => {
      const listed = await repository.tags(place.image, call)
      if (listed.includes(forward.own)) return listed
      throw new StagegateError({
        code: 'repository/not-listed',
        what: `the list of tags of ${place.image} lacks ${forward.own}, although that tag exists`,
      })
    })
    const { after, because } = await whereItBelongs(seen, forward, tags, resolve)
    if (after === undefined || after === seen) return { before: first ?? null, after: seen ?? null, ...(because && { because }) }
    const expected = seen
    const pointing = ask('point', (call) => repository.point(place, after, expected, call))
    const refusal = await refusalOf(place.tag, pointing)
    seen = await resolve(place.tag)
    // If it was moved in the meantime, that may be the reason.
    if (refusal !== undefined && seen === expected) throw refusal
  }
  throw new StagegateError({
    code: 'image/tag-contested',
    what: `other jobs keep moving the tag ${place.tag} of ${place.image}`,
    next: 'Run it again after the other releases.',
  })
}

/** Why the registry does not let the tag be moved: a final refusal, or one after each try. */
async function refusalOf(tag: string, pointing: Promise<Written>): Promise<RepositoryRefusal | undefined> {
  const next = movingAdvice(tag)
  try {
    const written = await pointing
    if (written.outcome !== 'refused') return undefined
    return new RepositoryRefusal({ code: written.because.code, what: written.because.message, where: tag, next })
  } catch (cause) {
    if (!(cause instanceof UnexpectedAnswer && cause.isRejection)) throw cause
    return new RepositoryRefusal({ code: 'repository/refused', what: cause.what, where: tag, next, cause })
  }
}

/**
 * The right target of a tag that is at `seen`: our image, unless a newer version is public. Then the newer release is responsible for the
 * tag, unless we were the last to write.
 */
export async function whereItBelongs(
  seen: Sha256 | undefined,
  { ours, version, line }: Order,
  tags: readonly string[],
  resolve: (tag: string) => Promise<Sha256 | undefined>,
): Promise<{ readonly after: Sha256 | undefined; readonly because?: string }> {
  const newer = newerThan(version, line, tags)
  if (newer === undefined) return { after: ours }
  return { after: seen === ours ? await resolve(newer) : seen, because: `${newer} is newer` }
}
