import type { Content, Finding, ImageCoordinates, LayersRead, PlannedDestination, Problem, Sha256 } from '@stagegate/schema'
import { streamOf, withDeadline } from '../contract/call.js'
import { type Call, IndexBroken, type Item, NotThere, type PublicRepository } from '../contract/capabilities.js'
import { problemOf } from '../contract/problem.js'
import { readDigest } from '../contract/read-digest.js'
import { isFinal, RepositoryRefusal } from '../contract/refusal.js'
import { manifestTypes } from '../repository/oci/manifest.js'
import { parsePartLocation, partLocation } from '../repository/oci/part.js'
import { ContentMismatch } from '../transfer/content-mismatch.js'
import type { DeliveryPorts } from '../transfer/delivery.js'
import type { Host } from '../transfer/host.js'
import { sendTimeoutFor } from '../transfer/limits.js'
import { type ImageSource, readGraph } from './graph.js'
import { type Ask, persevere } from './persevere.js'

export interface ReadThroughOptions {
  readonly repository: PublicRepository
  readonly destination: PlannedDestination
  readonly host: Host
  /** Its name there. */
  readonly at: ImageCoordinates
  /** The content of its top manifest. */
  readonly content: Content
  /** Whether to read a layer; other layers were there before the release, and the registry is only asked for them. */
  readonly reads: (digest: Sha256) => boolean
}

export type ReadThrough = Pick<Finding, 'found' | 'problem' | 'layers'>

/** In milliseconds. A verify job has an hour and may have waited for the tag first, and the result is written at the end. */
const longest = 45 * 60_000

/**
 * Reads an image, whose tag is right, as its users pull it: all its manifests and layers, each hashed. A registry's answer does not prove
 * what it has under a digest; only reading does.
 */
export function readThrough(options: ReadThroughOptions, ports: DeliveryPorts): Promise<ReadThrough> {
  const { clock, limits, signal } = ports
  return withDeadline(clock, Math.min(limits.run, longest), signal, (call) => read(options, { ...ports, signal: call.signal }))
}

async function read(options: ReadThroughOptions, ports: DeliveryPorts): Promise<ReadThrough> {
  const { repository, at, content, host, destination } = options
  const served = asServed(repository)
  const ask: Ask = (_operation, run) => persevere({ host, destination }, ports, run)
  try {
    const { blobs } = await readGraph(ask, served, at.image, content)
    const wanted = blobs.filter(({ content: { sha256 } }) => options.reads(sha256))
    const layers = await Promise.all(wanted.map((blob) => readLayer(served, blob, options, ports)))
    return summary(
      layers,
      blobs.filter((blob) => !wanted.includes(blob)),
    )
  } catch (error) {
    return { found: foundBy(error), problem: problemOf(error) }
  }
}

/** The result for one layer. */
type Layer = { readonly digest: Sha256 } & (
  | { readonly found: 'sealed-bytes' }
  | { readonly found: Exclude<Finding['found'], 'sealed-bytes'>; readonly problem: Problem }
)

async function readLayer(
  served: ImageSource,
  { content }: Item,
  { at, host, destination }: ReadThroughOptions,
  ports: DeliveryPorts,
): Promise<Layer> {
  const digest = content.sha256
  const location = partLocation({ format: 'blob', image: at.image, digest })
  const timeout = sendTimeoutFor(content, ports.limits)
  try {
    const hash = async (call: Call) => readDigest(await streamOf(call, served.read(location, call)))
    const seen = await persevere({ host, destination, timeout }, ports, hash)
    if (seen.sha256 !== digest || seen.size !== content.size) throw new ContentMismatch(content, seen, location)
    return { digest, found: 'sealed-bytes' }
  } catch (error) {
    return { digest, found: foundBy(error), problem: problemOf(error) }
  }
}

/** A problem for a person takes precedence over one that can be tried again. */
const worst = ['other-bytes', 'index-broken', 'refused', 'unknown'] as const

function summary(layers: readonly Layer[], left: readonly Item[]): ReadThrough {
  const bad = layers.flatMap((layer) => (layer.found === 'sealed-bytes' ? [] : [layer]))
  const unread: LayersRead['unread'] = [
    ...left.map(({ content }) => ({ digest: content.sha256, because: 'there-before' as const })),
    ...bad.filter(({ found }) => found !== 'other-bytes').map(({ digest }) => ({ digest, because: 'unreadable' as const })),
  ]
  const found = worst.find((one) => bad.some((layer) => layer.found === one)) ?? 'sealed-bytes'
  const first = bad.find((layer) => layer.found === found)
  const others = bad.length > 1 ? ` ${bad.length - 1} other layers have the same problem, or could not be read.` : ''
  const problem = first && { ...first.problem, message: `The layer sha256:${first.digest}: ${first.problem.message}${others}` }
  return { found, ...(problem && { problem }), layers: { read: layers.length - bad.length, unread } }
}

function foundBy(error: unknown): Layer['found'] {
  if (error instanceof ContentMismatch) return 'other-bytes'
  if (error instanceof NotThere || error instanceof IndexBroken) return 'index-broken'
  return isFinal(error) ? 'refused' : 'unknown'
}

/** The repository as users see it. Attachments are not part of what they get by the image's tag. */
function asServed(repository: PublicRepository): ImageSource {
  return {
    observe: async () => ({ saw: 'absent' }),
    referrers: async () => [],
    async read(location, call) {
      // All types of manifests are accepted, whichever is named.
      const [mediaType = ''] = manifestTypes
      if (repository.served === undefined && repository.read === undefined)
        throw new RepositoryRefusal({ code: 'repository/unsupported', what: 'its images cannot be read', where: location })
      const found =
        repository.served === undefined
          ? await repository.read?.(location, call)
          : await repository.served({ ...parsePartLocation(location), mediaType }, call)
      if (found === undefined) throw new NotThere(`${location} is not there`, 'Publish it again: this sends only what is missing.')
      return found
    },
  }
}
