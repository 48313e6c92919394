import {
  type Content,
  type ImageCoordinates,
  isImageName,
  isImageTag,
  type Outcome,
  type SealedTag,
  type Sha256,
  UsageError,
} from '@stagegate/schema'
import type { ImageRepository, PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { checkedRepository } from '../contract/checked-repository.js'
import { expectCall, type KnownOptions } from '../contract/options.js'
import type { ImageDelivery } from '../image/deliver-image.js'
import { imageRepository } from '../image/image-repository.js'
import { persevere } from '../image/persevere.js'
import { type Ports, portOptions, tell, withDefaults } from '../ports.js'
import { deliverAll } from './deliver-all.js'

/** The options of `copyImage`. */
export interface CopyImageOptions extends Omit<Ports, 'repositories'> {
  /** The image that is copied. */
  readonly from: {
    readonly repository: StagingRepository | PublicRepository
    /** The image's name in it: `acme/hello`. */
    readonly image: string
    readonly tag: string
    /** The digest that the tag must have; an image with another digest is not copied. @default any digest */
    readonly digest?: Sha256 | undefined
  }
  /** The target repository, and the image's name there. */
  readonly to: { readonly repository: StagingRepository | PublicRepository; readonly image: string }
  /**
   * The version as one tag that never moves, and tags that move. These only move forward: to the newest version, or, with a `line`, to the
   * newest one of the same `major` or `minor` version.
   */
  readonly tags: readonly (string | MovingTag)[]
}

/** A tag that moves forward. */
export interface MovingTag {
  /** The tag: `latest`. */
  readonly moves: string
  /** @default all versions */
  readonly line?: 'major' | 'minor' | undefined
}

const copyOptions = {
  ...portOptions,
  from: 'needed',
  to: 'needed',
  tags: 'needed',
} as const satisfies KnownOptions & Record<keyof CopyImageOptions, unknown>

/** The outcome for one image: the state afterwards, what was sent, and the problem if the image is missing. */
export interface CopiedImage extends Omit<Outcome, 'target' | 'destination' | 'coordinates' | 'expected'> {
  /** The digest and the size of the image’s top manifest. */
  readonly content: Content
}

/**
 * Copies an image with all its platforms, signatures and SBOMs from one repository to another, blob by blob, and sets the tags last. Nothing
 * existing is replaced: another image under the version's tag is a `conflict`. It resolves with the verdict, and can be called again
 * after any failure; then it sends what is missing.
 *
 * @throws {UsageError} options of the wrong kind; no image under the tag, or one with a different digest
 * @throws {StagegateError} the tag could not be read
 * @example
 * const from = { repository: source, image: 'acme/hello', tag: '1.2.3' }
 * const { verdict } = await copyImage({ from, to: { repository: target, image: 'hello' }, tags: ['1.2.3', { moves: 'latest' }] })
 */
export async function copyImage(options: CopyImageOptions): Promise<CopiedImage> {
  expectCall('copyImage()', options, copyOptions)
  const { from, to, tags, ...rest } = options
  const [source, target] = [expectImages('from', from), expectImages('to', to)]
  const { version, sealed } = sealedTags(tags)
  const names = { from: source.host ?? 'the source', to: target.host ?? 'the target' }
  const ports: Ports = { ...rest, repositories: { from: source, to: target } }
  const at = { format: 'image', image: from.image, tag: from.tag } as const
  const content = await contentOf(source, { at, name: names.from, digest: from.digest }, ports)
  const delivery: ImageDelivery = {
    target: from.image,
    item: { coordinates: at, content },
    source,
    from: names.from,
    version,
    destinations: [
      {
        plan: { repository: names.to, advisory: false },
        repository: target,
        at: { format: 'image', image: to.image, tag: version },
        tags: sealed,
      },
    ],
  }
  const [arrival] = await deliverAll([{ is: 'image', ...delivery }], ports)
  if (arrival === undefined) throw new Error('Expected an arrival')
  const { target: _, destination: __, coordinates: ___, expected, ...outcome } = arrival.outcome
  return { ...outcome, content: expected }
}

/** @throws {UsageError} if it is not a place of an image */
function expectImages(
  option: 'from' | 'to',
  place: { readonly repository: StagingRepository | PublicRepository; readonly image: string },
): ImageRepository {
  const given: Partial<typeof place> | undefined = place
  if (typeof given !== 'object' || given === null || typeof given.repository !== 'object' || given.repository === null)
    throw wrong(`${option} is not { repository, image${option === 'from' ? ', tag' : ''} }`)
  if (typeof given.image !== 'string' || !isImageName(given.image)) throw wrong(`${option}.image is not an image name`)
  const tag: unknown = 'tag' in given ? given.tag : undefined
  if ((option === 'from' || tag !== undefined) && !(typeof tag === 'string' && isImageTag(tag)))
    throw wrong(`${option}.tag is ${tag === undefined ? 'missing' : 'no tag'}`)
  return imageRepository(option, checkedRepository(option, place.repository))
}

const scopes = { major: 1, minor: 2 } as const

function sealedTags(tags: CopyImageOptions['tags']): { readonly version: string; readonly sealed: SealedTag[] } {
  const given: unknown = tags
  if (!Array.isArray(given) || given.length === 0) throw wrong('tags is not a list of tags')
  const names = tags.map((tag) => (typeof tag === 'string' ? tag : tag?.moves))
  const wrongName = names.find((name) => typeof name !== 'string' || !isImageTag(name))
  if (wrongName !== undefined || names.includes(undefined as never)) throw wrong('tags has an entry that is neither a tag nor { moves }')
  const [version, second] = tags.filter((tag) => typeof tag === 'string')
  if (version === undefined || second !== undefined)
    throw wrong(`tags has ${second === undefined ? 'no' : 'a second'} tag that does not move`)
  return {
    version,
    sealed: tags.map((tag) =>
      typeof tag === 'string'
        ? { tag, moves: false }
        : { tag: tag.moves, moves: true, scope: tag.line === undefined ? 0 : scopes[tag.line] },
    ),
  }
}

interface Tagged {
  readonly at: ImageCoordinates
  readonly name: string
  readonly digest: Sha256 | undefined
}

/** The image under the tag. */
async function contentOf(source: ImageRepository, { at, name, digest }: Tagged, options: Ports): Promise<Content> {
  const ports = withDefaults(options)
  const destination = { repository: name, advisory: false }
  const seen = await persevere(
    { host: ports.hosts.of(source.host ?? name), destination },
    {
      ...ports,
      emit: (event) => tell(options, { at: ports.clock.now(), target: at.image, coordinates: at, content: undefined, ...event }),
    },
    (call) => source.observe(at, call),
  )
  const where = `${at.image}:${at.tag}`
  if (seen.saw === 'absent' || seen.sha256 === undefined || seen.size === undefined)
    throw new UsageError({
      code: 'usage/no-image',
      what: `there is no image ${where} in ${name}`,
      next: 'Check the tag. Nothing was copied.',
    })
  if (digest !== undefined && digest !== seen.sha256)
    throw new UsageError({
      code: 'usage/other-image',
      what: `${where} in ${name} is sha256:${seen.sha256}, not sha256:${digest}`,
      next: 'Somebody moved the tag. Find out who, and name the image that you want. Nothing was copied.',
    })
  return { sha256: seen.sha256, size: seen.size }
}

function wrong(what: string): UsageError {
  return new UsageError({
    code: 'usage/options',
    what,
    next: "Write for example { from: { repository, image: 'acme/hello', tag: '1.2.3' }, to: { repository, image: 'hello' }, tags: ['1.2.3', { moves: 'latest' }] }. Nothing was done.",
  })
}
