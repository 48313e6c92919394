import {
  type Coordinates,
  checkReleaseManifest,
  type Instant,
  type Origin,
  type ReleaseManifest,
  type Sha256,
  UsageError,
} from '@stagegate/schema'
import { stopOf } from '../contract/problem.js'
import { expectOrigin } from '../gate/gate.js'
import { ensureReleaseEntry, isAssetPath, type ReleaseAsset } from '../gitlab/release-entry.js'
import { repositoryNamed, withDefaults } from '../ports.js'
import { coordinatesAt, destinedArtifactsOf } from '../verb/artifact.js'
import { bringDocuments } from './bring-documents.js'
import { documentNames, documentsOf } from './documents.js'
import { describeRelease, type PulledImage, pulled } from './images.js'
import { assetNames } from './names.js'
import { type AnnounceOptions, portsIn } from './options.js'
import { type LeftOut, leftOut, lookAtPlaces, type Place } from './present.js'
import { announceError } from './trouble.js'

/** An asset of the entry. */
export interface AnnouncedAsset extends ReleaseAsset {
  /** The digest of the file, or of the image's manifest. */
  readonly sha256: Sha256
}

/** The release entry as it is now. */
export interface Announcement {
  /** `completed`: it existed, but lacked assets; `there`: it had all of them, and perhaps more. */
  readonly outcome: 'created' | 'completed' | 'there'
  /** The page of the release. */
  readonly url: string
  /** GitLab shows the entry as upcoming until then. @default it is not upcoming */
  readonly upcomingUntil?: Instant | undefined
  /** All assets of the release; people may have added more. */
  readonly assets: readonly AnnouncedAsset[]
  /** Missing artifacts of advisory destinations, and images without an address. */
  readonly leftOut: readonly LeftOut[]
}

/**
 * Makes sure that the release of a tag has its entry, with everything that is public: packages, files and images, SHA256SUMS and the sealed
 * manifest. It looks at each of them first, and makes no entry if one is missing. Missing assets are added to an existing entry; nothing in
 * it is changed or removed. Running it again sends nothing that is there.
 *
 * @throws {DocumentError} an invalid manifest
 * @throws {UsageError} a wrong call: a branch, a missing repository, nothing to announce
 * @throws {GateError} a manifest of another pipeline; different bytes than the sealed ones; a different asset or commit in the entry;
 *   GitLab refuses
 * @throws {StagegateError} `announce/incomplete`: something is not there yet, or its state is unknown
 * @example
 * const page = openReleasePage(plan, 'downloads', environment)
 * const { outcome, url } = await announce(manifest, { page, repository: 'downloads', origin, repositories })
 */
export async function announce(sealed: ReleaseManifest, options: AnnounceOptions): Promise<Announcement> {
  const given = portsIn(options)
  const ports = withDefaults(given)
  const manifest = checkReleaseManifest(sealed)
  const { page, repository, origin, notes = '', ref } = options
  const tag = tagOf(manifest, origin)
  const { files, images } = announced(manifest, options)
  const seen = await lookAtPlaces([...files, ...images], ports, given)
  if (ports.signal.aborted) throw stopOf(ports.signal.reason)
  if (seen.troubles.length > 0) throw announceError(seen.troubles, manifest)
  const documents = await bringDocuments(documentsOf(manifest, files), manifest, { ...given, repository })
  const found = seen.there.flatMap(({ place, location }) => assetOf(place, page.api.where(location)))
  const own = documents.map(({ name, location, sha256 }) => asset({ name, url: page.api.where(location), type: 'other', sha256 }))
  const assets = oneForEachAddress([...found, ...own])
  const there = new Set<Place>(seen.there.map(({ place }) => place))
  const shown = images.filter((place) => there.has(place))
  const entry = await ensureReleaseEntry(
    {
      tag,
      ref,
      commit: ref === undefined ? origin.commit : undefined,
      description: describeRelease(
        notes,
        shown.flatMap(({ image }) => image ?? []),
      ),
      assets,
    },
    { api: page.api, project: page.project, clock: ports.clock, random: ports.random, signal: ports.signal },
  )
  const nowhere = shown
    .filter(({ image }) => image === undefined)
    .map((place) => leftOut(place, 'it is not on a server, so it has no address'))
  return { ...entry, assets, leftOut: [...seen.leftOut, ...nowhere] }
}

/** @throws {GateError} a manifest of another pipeline. @throws {UsageError} a branch */
function tagOf(manifest: ReleaseManifest, origin: Origin): string {
  expectOrigin(manifest, origin)
  if ('tag' in origin.ref) return origin.ref.tag
  throw new UsageError({
    code: 'usage/no-tag',
    where: `${manifest.release} ${manifest.version}`,
    what: `it was released from the branch ${origin.ref.branch}, but only a tag can have a release entry`,
    next: 'Announce only in kinds for tags. Nothing was done.',
  })
}

interface FilePlace extends Place {
  readonly name: string
}
interface ImagePlace extends Place {
  readonly image: PulledImage | undefined
}

/** Everything that the entry names, with its destination. @throws {UsageError} nothing to announce; a missing repository */
function announced(manifest: ReleaseManifest, options: AnnounceOptions): { readonly files: FilePlace[]; readonly images: ImagePlace[] } {
  const places = destinedArtifactsOf(manifest).flatMap(({ target, artifact, destinations, tags }) =>
    destinations
      .filter(({ repository }) => artifact.coordinates.format === 'image' || repository === options.repository)
      .map((destination): Place => {
        const coordinates = coordinatesAt(artifact.coordinates, destination, tags)
        const repository = repositoryNamed(options, destination.repository)
        return { target, destination, coordinates, content: artifact.content, repository }
      }),
  )
  if (places.length === 0)
    throw new UsageError({
      code: 'usage/nothing',
      where: `${manifest.release} ${manifest.version}`,
      what: `it publishes nothing to ${options.repository} and has no images`,
      next: 'Announce it in the repository to which it publishes files. Nothing was done.',
    })
  const files = places.filter(({ coordinates }) => coordinates.format !== 'image')
  const names = namesOf(
    manifest,
    files.map(({ coordinates }) => coordinates),
  )
  return {
    files: files.map((place, index) => ({ ...place, name: names[index] ?? '' })),
    images: places.flatMap((place): ImagePlace[] => {
      const { coordinates: at, content, destination, repository } = place
      if (at.format !== 'image') return []
      const registry = registryNamed(options, destination.repository)
      return [{ ...place, image: pulled({ at, digest: content.sha256, repository, registry }) }]
    }),
  }
}

function namesOf(manifest: ReleaseManifest, files: readonly Coordinates[]): readonly string[] {
  const { sums, manifest: sealed } = documentNames(manifest)
  return assetNames(files, [sums, sealed], manifest.supplements !== undefined)
}

function registryNamed({ registries = {} }: AnnounceOptions, repository: string): string | undefined {
  return Object.hasOwn(registries, repository) ? registries[repository] : undefined
}

function assetOf(place: FilePlace | ImagePlace, url: string): readonly AnnouncedAsset[] {
  const { coordinates, content } = place
  const { sha256 } = content
  if ('name' in place) return [asset({ name: place.name, url, type: coordinates.format === 'file' ? 'other' : 'package', sha256 })]
  return place.image === undefined ? [] : [{ name: place.image.byTag, url: place.image.url, type: 'image', sha256 }]
}

/** With a permanent address below the entry's own, if GitLab accepts the name for one. */
function asset(plain: AnnouncedAsset): AnnouncedAsset {
  const path = `/${plain.name}`
  return isAssetPath(path) ? { ...plain, path } : plain
}

/** GitLab accepts an address once, and two tags of one image have the same. */
function oneForEachAddress(assets: readonly AnnouncedAsset[]): readonly AnnouncedAsset[] {
  return assets.filter(({ url }, index) => assets.findIndex((other) => other.url === url) === index)
}
