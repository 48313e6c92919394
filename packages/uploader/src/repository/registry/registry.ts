import { Readable } from 'node:stream'
import { bytes, type Coordinates, type ImageCoordinates, type PartCoordinates, type Sha256, type StagegateError } from '@stagegate/schema'
import {
  type Body,
  type Call,
  type Descriptor,
  type ImageRepository,
  type Item,
  type ListedReferrer,
  NotThere,
  type Observation,
  type Served,
  type ServerSideCopy,
  type TagPlace,
  type Written,
} from '../../contract/capabilities.js'
import type { Clock } from '../../contract/clock.js'
import { RepositoryRefusal } from '../../contract/refusal.js'
import type { HttpClient } from '../../http/client.js'
import { parseReferrers } from '../oci/attachment.js'
import { parseManifest } from '../oci/manifest.js'
import { manifestLocation, parsePartLocation } from '../oci/part.js'
import { unsupported } from '../unsupported.js'
import { isRefusal } from './answers.js'
import { Audience } from './audience.js'
import { BlobUploads } from './blob-uploads.js'
import { observeBlob } from './blobs.js'
import { tagsOf } from './lists.js'
import { bodyOf, fetchManifest, putManifest } from './manifests.js'
import { fetchPart } from './parts.js'
import { attachReferrers, referrersOf } from './referrers.js'
import { servedImage } from './served.js'
import { Site } from './site.js'
import { fetchTagged } from './tagged.js'

export interface RegistryPorts {
  readonly prefix?: string | undefined
  readonly client: HttpClient
  /** The same registry as users see it. */
  readonly visitors: HttpClient
  /** The same registry as members' jobs see it, if visitors are refused. @default a refusal is the answer */
  readonly members?: HttpClient | undefined
  /** Refuses to write an image that visitors may pull, and to accept an existing one as staged. @default false */
  readonly isPrivate?: boolean | undefined
  readonly clock: Clock
  /** The size of the pieces in which larger blobs are sent. @default 256 MiB */
  readonly pieceSize?: number | undefined
}

/** One registry, by the OCI distribution specification 1.1. */
export class Registry implements ImageRepository, ServerSideCopy, Served {
  readonly host: string
  readonly #site: Site
  readonly #visited: Site
  readonly #members: Site | undefined
  /** Images that visitors may not pull. */
  readonly #hidden = new Set<string>()
  /** Who may pull, if only members should. */
  readonly #audience: Audience | undefined
  readonly #uploads: BlobUploads

  constructor({ prefix, client, visitors, members, isPrivate = false, clock, pieceSize }: RegistryPorts) {
    this.host = client.origin
    this.#site = new Site(client, clock, prefix)
    this.#visited = new Site(visitors, clock, prefix)
    this.#members = members === undefined ? undefined : new Site(members, clock, prefix)
    this.#audience = isPrivate ? new Audience(this.#visited) : undefined
    this.#uploads = new BlobUploads(this.#site, pieceSize)
  }

  async observe(at: Coordinates, call: Call): Promise<Observation> {
    if (at.format !== 'blob' && at.format !== 'image' && at.format !== 'manifest') throw imagesAlone()
    const seen = at.format === 'blob' ? await observeBlob(this.#site, at, call) : await this.#observeManifest(at, call)
    // A build may have pushed it before our first look.
    if (seen.saw === 'present') await this.#audience?.expectMembers(at.image, 'there', call)
    return seen
  }

  async #observeManifest(at: ImageCoordinates | PartCoordinates, call: Call): Promise<Observation> {
    const found =
      at.format === 'image'
        ? await fetchTagged(this.#site, at.image, at.tag, call)
        : await fetchManifest(this.#site, { image: at.image, reference: `sha256:${at.digest}` }, call, 'by a 404')
    if (found === undefined) return { saw: 'absent' }
    const { digest, data } = found
    return { saw: 'present', sha256: digest, size: bytes(data.length), location: manifestLocation(at, digest) }
  }

  async read(location: string, call: Call): Promise<Readable> {
    const found = await fetchPart(this.#site, parsePartLocation(location), call)
    if (found === undefined) throw new NotThere(`${location} is no longer at ${this.host}`)
    return found
  }

  async create({ coordinates }: Item, body: Body, call: Call): Promise<Written> {
    if (coordinates.format !== 'blob' && coordinates.format !== 'manifest') throw imagesAlone()
    await this.#audience?.expectMembers(coordinates.image, 'to come', call)
    if (coordinates.format === 'blob') return refusable(this.#uploads.upload(coordinates, body, call))
    return refusable(putManifest(this.#site, { ...coordinates, reference: `sha256:${coordinates.digest}` }, body, call))
  }

  nameOnHost(image: string): string {
    return this.#site.name(image)
  }

  async copy({ coordinates }: Item, fromImage: string, call: Call): Promise<Written | { readonly outcome: 'unsupported' }> {
    if (coordinates.format !== 'blob') return { outcome: 'unsupported' }
    await this.#audience?.expectMembers(coordinates.image, 'to come', call)
    return this.#uploads.mount(coordinates, fromImage, call)
  }

  async resolve({ image, tag }: TagPlace, call: Call): Promise<Sha256 | undefined> {
    return (await fetchTagged(this.#site, image, tag, call))?.digest
  }

  async point(at: TagPlace, to: Sha256, expected: Sha256 | undefined, call: Call): Promise<Written> {
    await this.#audience?.expectMembers(at.image, 'to come', call)
    const manifest = await fetchManifest(this.#site, { image: at.image, reference: `sha256:${to}` }, call)
    if (manifest?.digest !== to) throw new NotThere(`the manifest sha256:${to} of ${at.image} is not at ${this.host}`)
    const { mediaType } = parseManifest(manifest.data)
    // There is no compare-and-set: it looks right before, and again afterwards.
    if ((await this.resolve(at, call)) !== expected) return { outcome: 'exists' }
    return refusable(putManifest(this.#site, { image: at.image, reference: at.tag, mediaType }, bodyOf(manifest), call))
  }

  tags(image: string, call: Call): Promise<readonly string[]> {
    return tagsOf(this.#site, image, call)
  }

  async referrers(image: string, subject: Sha256, call: Call): Promise<readonly ListedReferrer[]> {
    return parseReferrers(await referrersOf(this.#site, { image, digest: subject }, call), image, subject)
  }

  async attach(image: string, subject: Sha256, referrers: readonly Descriptor[], call: Call): Promise<void> {
    await this.#audience?.expectMembers(image, 'to come', call)
    await attachReferrers(this.#site, { image, digest: subject }, referrers, call)
  }

  async served(at: Coordinates, call: Call): Promise<Readable | undefined> {
    if (at.format !== 'blob' && at.format !== 'manifest' && at.format !== 'image') return undefined
    const members = this.#members
    if (members !== undefined && this.#hidden.has(at.image)) return servedBy(members, at, call)
    try {
      return await servedBy(this.#visited, at, call)
    } catch (error) {
      if (members === undefined || !isRefusal(error)) throw error
      this.#hidden.add(at.image)
      return servedBy(members, at, call)
    }
  }
}

async function servedBy(site: Site, at: ImageCoordinates | PartCoordinates, call: Call): Promise<Readable | undefined> {
  if (at.format !== 'image') return fetchPart(site, at, call)
  const data = await servedImage(site, at, call)
  return data === undefined ? undefined : Readable.from([data])
}

/** A refusal before anything was sent is not ambiguous: an account that may not push, an issuer that is not trusted. */
async function refusable(writing: Promise<Written>): Promise<Written> {
  try {
    return await writing
  } catch (error) {
    if (error instanceof RepositoryRefusal) return { outcome: 'refused', because: { code: error.code, message: error.message } }
    throw error
  }
}

function imagesAlone(): StagegateError {
  return unsupported('a registry accepts only images', 'Publish it to another repository.')
}
