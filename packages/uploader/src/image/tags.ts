import { isImageTag, type PlannedTag, type SealedTag, UsageError } from '@stagegate/schema'

/** A version as a tag: `16.2.0+ee.0` cannot be one, `16.2.0-ee.0` can. */
export function versionTag(version: string): string {
  const tag = version.replaceAll('+', '-')
  if (!isImageTag(tag))
    throw new UsageError({
      code: 'usage/tag',
      what: `the version ${version} cannot be the tag of an image`,
      next: 'A tag has at most 128 letters, digits and ._-.',
    })
  return tag
}

/**
 * The tags that an image of this version gets in this kind: `version` never moves; `major` is `16`, `minor` is `16.2`,
 * every other name is itself.
 * @throws {UsageError} a version that cannot be a tag, or has no such part
 */
export function tagsOf(planned: readonly PlannedTag[], kind: string, version: string): readonly SealedTag[] {
  const own: SealedTag = { tag: versionTag(version), moves: false }
  const moving = planned.filter(({ name, kinds }) => name !== 'version' && kinds.includes(kind)).map(({ name }) => movingTag(name, version))
  return [own, ...moving.filter((tag, index) => tag.tag !== own.tag && moving.findIndex((other) => other.tag === tag.tag) === index)]
}

function movingTag(name: string, version: string): SealedTag {
  if (name !== 'major' && name !== 'minor') return { tag: versionTag(name), moves: true, scope: 0 }
  const scope = name === 'major' ? 1 : 2
  const numbers = parseVersion(version)?.numbers ?? []
  if (numbers.length <= scope)
    throw new UsageError({
      code: 'usage/tag',
      what: `the version ${version} has no ${name} part that its image could be tagged with`,
      next: 'Leave that tag out for this kind, or give the version more parts.',
    })
  return { tag: numbers.slice(0, scope).join('.'), moves: true, scope }
}

interface Version {
  /** `16.2.0`: what stands before the first other character. */
  readonly numbers: readonly number[]
  /** Whether it comes before the version of its numbers: a release candidate, a beta. */
  readonly early: boolean
  /** Numbers and words of what stands behind. */
  readonly rest: readonly (number | string)[]
}

/** `undefined` for what is no version: `latest`, a digest. */
export function parseVersion(text: string): Version | undefined {
  const [, core, behind = ''] = /^v?(\d{1,9}(?:\.\d{1,9})*)([-_+~].+)?$/.exec(text) ?? []
  if (core === undefined) return undefined
  return {
    numbers: core.split('.').map(Number),
    early: /(?:^|[^a-z])(?:rc|alpha|beta|pre|preview|dev|nightly)/i.test(behind),
    rest: (behind.match(/\d{1,9}|[a-z]+/gi) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part.toLowerCase())),
  }
}

/** Negative where `a` comes before `b`. */
export function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < Math.max(a.numbers.length, b.numbers.length); index++) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.early !== b.early) return a.early ? -1 : 1
  for (let index = 0; index < Math.max(a.rest.length, b.rest.length); index++) {
    const difference = compareParts(a.rest[index], b.rest[index])
    if (difference !== 0) return difference
  }
  return 0
}

function compareParts(a: number | string | undefined, b: number | string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return a < b ? -1 : 1
}

/**
 * The newer version that a moving tag stays at, among the public tags; `undefined` when it may move to ours. Compared is
 * with versions of as many numbers, which agree in the first `scope` of them; release candidates with theirs alone.
 */
export function newerThan(version: string, scope: number, publicTags: readonly string[]): string | undefined {
  const ours = parseVersion(versionTag(version))
  // A version that is in no order cannot go forward.
  if (ours === undefined) return publicTags.find((tag) => tag !== versionTag(version))
  const rivals = publicTags.flatMap((tag) => {
    const theirs = parseVersion(tag)
    const comparable =
      theirs !== undefined &&
      theirs.numbers.length === ours.numbers.length &&
      theirs.early === ours.early &&
      ours.numbers.slice(0, scope).every((number, index) => theirs.numbers[index] === number)
    return comparable && compareVersions(theirs, ours) > 0 ? [{ tag, theirs }] : []
  })
  rivals.sort((a, b) => compareVersions(b.theirs, a.theirs))
  return rivals[0]?.tag
}
