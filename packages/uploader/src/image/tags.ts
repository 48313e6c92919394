import { type Flavour, flavoured, isImageTag, type PlannedImage, type PlannedTag, type SealedTag, UsageError } from '@stagegate/schema'
import { flavourOf, type Line, versionIn } from './flavour.js'
import { compareVersions, parseVersion } from './versions.js'

/** A version as a tag: `16.2.0+ee.0` cannot be one, `16.2.0-ee.0` can. */
export function versionTag(version: string, flavour: Flavour = {}): string {
  const tag = flavoured(version.replaceAll('+', '-'), flavour)
  if (!isImageTag(tag))
    throw new UsageError({
      code: 'usage/tag',
      what: `the version ${version} is not valid as an image tag`,
      next: 'A tag has at most 128 letters, digits and ._-.',
    })
  return tag
}

/**
 * The tags that an image of this version gets in this kind: `version` never moves; `major` is `16`, `minor` is `16.2`,
 * every other name is itself, each between its prefix and its suffix.
 * @throws {UsageError} if the version cannot be a tag, or lacks such a part
 */
export function tagsOf(image: Pick<PlannedImage, 'tags' | 'flavours'>, kind: string, version: string): readonly SealedTag[] {
  const flavour = flavourOf(image)
  const own: SealedTag = { tag: versionTag(version, flavour), moves: false }
  const line = {
    ...(Object.keys(flavour).length > 0 && { flavour }),
    ...(image.flavours !== undefined && { others: image.flavours }),
  }
  const moving = image.tags
    .filter(({ name, kinds }) => name !== 'version' && kinds.includes(kind))
    .map((planned): SealedTag => ({ ...movingTag(planned, version), ...line }))
  return [own, ...moving.filter((tag, index) => tag.tag !== own.tag && moving.findIndex((other) => other.tag === tag.tag) === index)]
}

function movingTag({ name, prefix = '', suffix = '' }: PlannedTag, version: string): Extract<SealedTag, { readonly moves: true }> {
  if (name !== 'major' && name !== 'minor') return { tag: versionTag(name, { prefix, suffix }), moves: true, scope: 0 }
  const scope = name === 'major' ? 1 : 2
  const numbers = parseVersion(version)?.numbers ?? []
  if (numbers.length <= scope)
    throw new UsageError({
      code: 'usage/tag',
      what: `the version ${version} has no ${name} part for the tag of its image`,
      next: 'Remove that tag in this kind, or give the version more parts.',
    })
  return { tag: flavoured(numbers.slice(0, scope).join('.'), { prefix, suffix }), moves: true, scope }
}

/**
 * The newer version at which a moving tag stays, among the public tags of its flavour; `undefined` if it may move to ours. Versions are
 * compared if they have equally many numbers and agree in the first `scope` of them; release candidates only with release candidates.
 */
export function newerThan(version: string, line: Line, publicTags: readonly string[]): string | undefined {
  const own = versionTag(version, line.flavour)
  const ours = parseVersion(versionTag(version))
  // A version without an order cannot move a tag forward.
  if (ours === undefined) return publicTags.find((tag) => tag !== own && versionIn(tag, line) !== undefined)
  const rivals = publicTags.flatMap((tag) => {
    const theirs = parseVersion(versionIn(tag, line) ?? '')
    const comparable =
      theirs !== undefined &&
      theirs.numbers.length === ours.numbers.length &&
      theirs.early === ours.early &&
      ours.numbers.slice(0, line.scope).every((number, index) => theirs.numbers[index] === number)
    return comparable && compareVersions(theirs, ours) > 0 ? [{ tag, theirs }] : []
  })
  rivals.sort((a, b) => compareVersions(b.theirs, a.theirs))
  return rivals[0]?.tag
}
