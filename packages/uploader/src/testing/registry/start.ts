import { type EmulatedOptions, type EmulatedServer, emulate } from '../server/emulate.js'
import type { Answer, Asked } from '../server/respond.js'
import { refusal } from './errors.js'
import type { Guard } from './guard.js'
import { StoredImage } from './image.js'
import { getManifest, type Immutable, putManifest } from './manifests.js'
import { type TokenOptions, Tokens } from './tokens.js'
import { Uploads } from './uploads.js'

/** The options of `startRegistry`. */
export interface RegistryOptions extends EmulatedOptions {
  /** Whether it lists referrers. @default true */
  readonly referrers?: boolean | undefined
  /** Takes the tag `sha256-HEX` for the digest `sha256:HEX`, as GitLab's does. @default false */
  readonly tagsAreDigests?: boolean | undefined
  /** Tags that cannot be set again, and what it answers to who tries: Harbor 412, others 409, 403, 405 or 400. @default none */
  readonly immutable?: Immutable | undefined
  /** Refuses manifests of the type `application/vnd.oci.artifact.manifest.v1+json`, as most do. @default false */
  readonly refusesArtifacts?: boolean | undefined
  /** Refuses a manifest whose subject is not there, as GitLab's does; the specification wants it to be taken. @default false */
  readonly subjectsFirst?: boolean | undefined
  /** Closes the connection after each answer of 4xx or 5xx, whatever is still to come of the request. @default false */
  readonly closesOnError?: boolean | undefined
  /** Whether it mounts; otherwise it opens an upload. @default true */
  readonly mounts?: boolean | undefined
  /** The most that a page of a list holds. @default 100 */
  readonly maxPerPage?: number | undefined
  /** The least that it takes for a piece of a blob. @default 0 */
  readonly leastPiece?: number | undefined
  /** @default whoever comes may do anything */
  readonly tokens?: TokenOptions | undefined
  /** In place of `tokens`: who may do what is decided elsewhere. */
  readonly guard?: Guard | undefined
}

/** A running registry, in memory. */
export interface RegistryServer extends EmulatedServer {
  /** What is under a name; made, when there is nothing. */
  image(name: string): StoredImage
}

/**
 * A registry on loopback and in memory, by the OCI distribution specification 1.1, for what a real one cannot be made to show.
 * @example
 * const registry = await startRegistry({ mounts: false, tokens: { account: 'name:password', uses: 3 } })
 * registry.faults.add({ on: { method: 'PUT', path: /blobs/ }, do: { acceptAndForget: true } })
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<RegistryServer> {
  const {
    referrers = true,
    mounts = true,
    maxPerPage = 100,
    leastPiece = 0,
    tagsAreDigests = false,
    immutable,
    refusesArtifacts = false,
    subjectsFirst = false,
    guard,
  } = options
  const images = new Map<string, StoredImage>()
  const image = (name: string) => {
    const found = images.get(name) ?? new StoredImage(tagsAreDigests)
    images.set(name, found)
    return found
  }
  const tokens = options.tokens === undefined ? undefined : new Tokens(options.tokens)
  const uploads = new Uploads(leastPiece)

  const route = async (asked: Asked): Promise<Answer | undefined> => {
    const { request, url } = asked
    if (tokens !== undefined && url.pathname === '/token') return tokens.issue(request, url)
    const refuse = (wanted: readonly string[]) =>
      guard === undefined ? tokens?.refuse(request, wanted, server.url) : guard.refuse(request, wanted)
    // By this clients find out how they have to show who they are ("Determining Support").
    if (url.pathname === '/v2/') return refuse([]) ?? { status: 200, json: {} }
    const [, name, kind, rest = ''] = /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/(.*)$/.exec(url.pathname) ?? []
    if (name === undefined) return refusal(404, 'UNSUPPORTED')
    const { method = '' } = request
    const reads = method === 'GET' || method === 'HEAD'
    const from = url.searchParams.get('from')
    const wanted = [...actionsOf(method, kind).map((action) => `${name}:${action}`), ...(from === null ? [] : [`${from}:pull`])]
    const refused = refuse(wanted)
    if (refused !== undefined) return refused
    if (method === 'DELETE') return refusal(405, 'UNSUPPORTED')
    switch (kind) {
      case 'blobs/uploads': {
        if (rest !== '') return uploads.answer(asked, name, rest, image(name))
        const mount = url.searchParams.get('mount') ?? ''
        const blob = from === null || !mounts ? undefined : images.get(from)?.blobs.get(mount)
        if (blob === undefined) return uploads.open(name)
        image(name).blobs.set(mount, blob)
        return { status: 201, headers: { location: `/v2/${name}/blobs/${mount}`, 'docker-content-digest': mount } }
      }
      case 'blobs': {
        const data = images.get(name)?.blobs.get(rest)
        if (data === undefined || !reads) return refusal(404, 'BLOB_UNKNOWN')
        return { status: 200, headers: { 'content-type': 'application/octet-stream', 'docker-content-digest': rest }, data }
      }
      case 'manifests':
        return reads
          ? getManifest(image(name), rest, request)
          : putManifest(asked, image(name), name, rest, { referrers, immutable, refusesArtifacts, subjectsFirst, guard })
      case 'tags':
        return page(url, [...image(name).tags.keys()].sort(), (tags) => ({ name, tags }))
      default: {
        if (!referrers) return refusal(404, 'UNSUPPORTED')
        const mediaType = 'application/vnd.oci.image.index.v1+json'
        const listed = page(url, image(name).referrers(rest), (manifests) => ({ schemaVersion: 2, mediaType, manifests }))
        return { ...listed, headers: { 'content-type': mediaType, ...listed.headers } }
      }
    }
  }
  const page = <T>(url: URL, all: readonly T[], json: (some: readonly T[]) => object): Answer => {
    const first = Number(url.searchParams.get('first') ?? 0)
    const end = first + Math.min(maxPerPage, Number(url.searchParams.get('n') ?? maxPerPage))
    const headers: Record<string, string> = end < all.length ? { link: `<${url.pathname}?n=${maxPerPage}&first=${end}>; rel="next"` } : {}
    return { status: 200, headers, json: json(all.slice(first, end)) }
  }
  const server = await emulate(options, async (asked) => {
    const answer = await route(asked)
    if (options.closesOnError !== true || answer === undefined || answer.status < 400) return answer
    return { ...answer, headers: { ...answer.headers, connection: 'close' } }
  })
  return { ...server, image }
}

/** "Resource scope grammar": a push is shown what is there, too. */
function actionsOf(method: string, kind: string | undefined): readonly string[] {
  if (method === 'DELETE') return ['delete']
  return (method === 'GET' || method === 'HEAD') && kind !== 'blobs/uploads' ? ['pull'] : ['pull', 'push']
}
