import type { Readable } from 'node:stream'
import {
  type Bytes,
  type Content,
  type Coordinates,
  type ImageCoordinates,
  type Instant,
  type JsonObject,
  type PackageCoordinates,
  type Problem,
  type Sha256,
  StagegateError,
} from '@stagegate/schema'
import type { PackageSource } from './package-source.js'

/** One artifact: where it belongs, and which bytes it must have. */
export interface Item {
  /** Where it belongs. */
  readonly coordinates: Coordinates
  /** The bytes that it must have. */
  readonly content: Content
}

/** The limits of a call: stop when the signal is aborted, and finish by the deadline. */
export interface Call {
  /** Aborted when the run is stopped or the call takes too long: then end the request. */
  readonly signal: AbortSignal
  /** When the call must have finished. */
  readonly deadline: Instant
}

/** An observation of a repository: facts, without a judgement. Everything else is thrown, and a throw means "unknown". */
export type Observation =
  | { readonly saw: 'absent' }
  | { readonly saw: 'present'; readonly sha256: Sha256 | undefined; readonly size: Bytes | undefined; readonly location: string }

/**
 * The answer to a write. A throw means "ambiguous": the core looks at the destination before it does anything else; a `RepositoryRefusal`,
 * or any other error that a retry cannot help, means that it is not tried again.
 */
export type Written =
  /** A claim; the core confirms it by observing. */
  | { readonly outcome: 'accepted'; readonly location?: string | undefined }
  /** Something is already there. The core looks at it: it is the same, or a conflict. */
  | { readonly outcome: 'exists' }
  /** The server permanently refused; a retry cannot help. */
  | { readonly outcome: 'refused'; readonly because: Problem }

/**
 * The bytes of one artifact, to be sent once. The stream ends only if every byte was right; otherwise it errors before
 * its last chunk, and then the request must fail too: its socket is destroyed.
 */
export interface Body {
  /** The bytes of the stream. */
  readonly content: Content
  /** @throws {Error} when called a second time */
  stream(): Readable
}

/** The format of an artifact. */
export type Format = 'deb' | 'rpm' | 'file' | 'image'

/** A repository that can be asked what it has. */
export interface Observable {
  /** The formats that it takes. An artifact of another one is refused before anything is sent. @default any */
  readonly formats?: readonly Format[] | undefined
  /** The server's origin. Repositories of one host share one limit and one back-off clock. @default it shares with nobody */
  readonly host?: string | undefined
  /** Looks up coordinates (never a digest: a different file would look absent). */
  observe(at: Coordinates, call: Call): Promise<Observation>
}
/** A repository that can be read from. */
export interface Source extends Observable {
  /** The bytes at a location that `observe` or a write reported. Rejects with `NotThere` if they are gone. */
  read(location: string, call: Call): Promise<Readable>
}
/** A repository that can be written to, and replaces nothing. */
export interface Sink extends Observable {
  /** Creates, and never replaces. */
  create(item: Item, body: Body, call: Call): Promise<Written>
}
/** A repository that can be read as its users do. */
export interface Served {
  /**
   * The bytes that users get for these coordinates, without a publisher's credential; `undefined` if they get nothing. For
   * an image that is the manifest of its tag; for a part of one, its bytes.
   */
  served(at: Coordinates, call: Call): Promise<Readable | undefined>
}

/** The result of a listing. */
export type Listed =
  /** An answer for each item, in their order; `exists`: the index lists other bytes under the item's name. */
  | { readonly outcome: 'done'; readonly written: readonly Written[] }
  /** Another writer changed the index meanwhile, so it must be read again. */
  | {
      readonly outcome: 'changed'
      /** When the index may change next. @default soon */
      readonly until?: Instant | undefined
    }

/** A repository that keeps something beside each artifact, which can be lost without it. */
export interface Completable {
  /** Creates what is missing beside an artifact whose bytes were just seen to be the item's. It replaces nothing. */
  complete(item: Item, call: Call): Promise<void>
}

/** A repository whose users find artifacts through an index: they get a created artifact only after it is listed. */
export interface Indexed {
  /**
   * Lists what `create` accepted in this process, and all of it in one change of each index. It may be called again for what is listed.
   * Everything that was listed before stays. After a throw, it is unknown whether the change was made.
   */
  list(items: readonly Item[], call: Call): Promise<Listed>
}

/** A repository that package managers read. */
export interface Installable {
  /**
   * Where they find the package with these coordinates.
   * @throws {StagegateError} `usage/package-manager`: no package manager can read it
   */
  sourceOf(at: PackageCoordinates, call: Call): Promise<PackageSource>
}

/** A repository whose server can copy from another repository on it. */
export interface ServerSideCopy {
  /**
   * The name by which another repository copies from this one: for an image, that of the image on its host; for another artifact, that of a
   * location, with its server in it.
   */
  nameOnHost(imageOrLocation: string): string
  /**
   * Creates from a name of another repository, without moving the bytes; never replaces. `unsupported`: it did not, so the bytes have to be sent.
   * The part of an image comes from the same host; the name of another artifact can be of any server, and a copy of other bytes than the item's is
   * not made.
   */
  copy(item: Item, from: string, call: Call): Promise<Written | { readonly outcome: 'unsupported' }>
}

/** Where a tag of an image is. */
export type TagPlace = Pick<ImageCoordinates, 'image' | 'tag'>

/** Names that move. */
export interface Pointers {
  /** The manifest that the tag has now. */
  resolve(at: TagPlace, call: Call): Promise<Sha256 | undefined>
  /**
   * Points the tag at a manifest that is there, if it still is where it was seen (`undefined`: nowhere). `exists`: it is not.
   * On a server without compare-and-set, the tag is checked right before; the caller looks afterwards.
   */
  point(at: TagPlace, to: Sha256, expected: Sha256 | undefined, call: Call): Promise<Written>
  /** All tags of an image. */
  tags(image: string, call: Call): Promise<readonly string[]>
}

/** A descriptor of another manifest, unchanged. */
export interface Descriptor {
  /** As the index says it. */
  readonly mediaType: string
  /** The digest of the manifest's bytes. */
  readonly digest: Sha256
  /** The length of the manifest in bytes. */
  readonly size: Bytes
  /** All of it, for an index that lists it. */
  readonly json: JsonObject
}

/** A manifest as a list has it: all else is told by its bytes, and lists leave some of it out. */
export type ListedReferrer = Pick<Descriptor, 'digest' | 'json'>

/** Signatures, SBOMs and attestations: manifests that name the one that they are about. */
export interface Referrers {
  /** The manifests that the registry lists for another; each says itself what it is about. */
  referrers(image: string, subject: Sha256, call: Call): Promise<readonly ListedReferrer[]>
  /** Makes sure that it lists these, which are there; on a registry that does not do so by itself, in an index under a tag. */
  attach(image: string, subject: Sha256, referrers: readonly Descriptor[], call: Call): Promise<void>
}

/** Capabilities of a registry in addition to reading and creating. */
export type ImageCapabilities = ServerSideCopy & Pointers & Referrers

/** The methods that a repository for staging has. Those of images are needed for images alone. */
export type StagingRepository = Source & Sink & Partial<Completable & Indexed & ImageCapabilities>
/** The methods that a public repository has: `observe` and `create`, and others for what they serve. See `Served` for `verify`. */
export type PublicRepository = Sink & Partial<Source & Served & Completable & Indexed & Installable & ImageCapabilities>
/** Staging or public, of container images. */
export type ImageRepository = Source & Sink & Pointers & Referrers & Partial<ServerSideCopy & Served>

const missing =
  'Run its stage job again first: as long as GitLab keeps the built artifacts, it stages the same bytes again. Otherwise stage and seal the release under a new version.'

/** The bytes at a location are gone: deleted or expired. Only this error tells that from `read`. */
export class NotThere extends StagegateError {
  constructor(what: string, next = missing) {
    super({ code: 'content/not-there', what, next })
  }
}

/** The repository serves the bytes, but its index contradicts them, so its users cannot install them. */
export class IndexBroken extends StagegateError {
  /** The digest of the bytes that users get. @default nobody has read them */
  readonly served: Sha256 | undefined

  constructor(what: string, next = 'Rebuild the repository’s index.', served?: Sha256) {
    super({ code: 'repository/index-broken', what, next })
    this.served = served
  }
}
