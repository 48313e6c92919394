import { type ImageCoordinates, parseRegistryName, type Sha256 } from '@stagegate/schema'
import type { PublicRepository } from '../contract/capabilities.js'

/** An image at a registry, as people pull it. */
export interface PulledImage {
  /** `registry.example/acme/hello:1.2.3` */
  readonly byTag: string
  /** `registry.example/acme/hello@sha256:…` */
  readonly byDigest: string
  /** The address of its manifest, which always leads to the same image. */
  readonly url: string
}

/** An image at a registry. */
export interface PlacedImage {
  readonly at: ImageCoordinates
  readonly digest: Sha256
  readonly repository: PublicRepository
  /** The registry's name as people write it. @default its host's */
  readonly registry?: string | undefined
}

/** How people pull an image; `undefined` if it is on no server. */
export function pulled({ at: { image, tag }, digest, repository, registry }: PlacedImage): PulledImage | undefined {
  const server = serverOf(repository, image, registry)
  if (server === undefined) return undefined
  const name = registry === undefined ? `${hostIn(server.origin)}/${server.name}` : `${registry.replace(/\/+$/, '')}/${image}`
  const url = `${server.origin}/v2/${server.name}/manifests/sha256:${digest}`
  return { byTag: `${name}:${tag}`, byDigest: `${name}@sha256:${digest}`, url }
}

/** The server that answers, and the image's name there. */
function serverOf(
  { host, nameOnHost }: PublicRepository,
  image: string,
  registry: string | undefined,
): { readonly origin: string; readonly name: string } | undefined {
  const name = nameOnHost?.(image)
  if (name !== undefined && host !== undefined && /^https?:\/\//.test(host)) return { origin: host, name }
  const parsed = registry === undefined ? undefined : parseRegistryName(registry.replace(/\/+$/, ''))
  if (parsed === undefined) return undefined
  return { origin: parsed.origin, name: parsed.prefix === '' ? image : `${parsed.prefix}/${image}` }
}

/** Docker Hub answers under a different name than people write. */
function hostIn(origin: string): string {
  const docker = parseRegistryName('docker.io')
  return docker?.origin === origin ? docker.host : new URL(origin).host
}

/** The notes that people wrote, followed by the images, for copying. */
export function describeRelease(notes: string, images: readonly PulledImage[]): string {
  const lines = images.flatMap(({ byTag, byDigest }) => [byTag, byDigest])
  const section = lines.length === 0 ? [] : [['### Images', '', '```text', ...lines, '```', ''].join('\n')]
  return [...(notes.trim() === '' ? [] : [`${notes.trimEnd()}\n`]), ...section].join('\n')
}
