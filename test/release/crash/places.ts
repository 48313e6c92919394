import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { RegistryServer } from '@stagegate/uploader/testing'
import { expect } from 'vitest'

type Kind = 'blobs' | 'manifests'

/** Where an image is, as somebody sees it who asks no library of ours. */
export interface Place {
  /** What others can begin from: tags, and what is about other manifests; each with its digest. */
  roots(): Promise<Readonly<Record<string, string>>>
  read(kind: Kind, digest: string): Promise<Buffer | undefined>
}

/** Everything that the roots lead to, by digest, with its size: all of it is there, and is what its digest says. */
export async function wholeOf(place: Place): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {}
  const walk = async (kind: Kind, digest: string, from: string): Promise<void> => {
    if (found[digest] !== undefined) return
    const data = await place.read(kind, digest)
    expect(data, `${digest} of ${from}`).toBeDefined()
    if (data === undefined) return
    expect(`sha256:${createHash('sha256').update(data).digest('hex')}`, `what ${from} leads to`).toBe(digest)
    found[digest] = data.length
    if (kind === 'blobs') return
    const { manifests = [], config, layers = [] } = JSON.parse(data.toString())
    for (const child of manifests) await walk('manifests', child.digest, from)
    for (const blob of [...(config === undefined ? [] : [config]), ...layers]) await walk('blobs', blob.digest, from)
  }
  for (const [name, digest] of Object.entries(await place.roots())) await walk('manifests', digest, name)
  return found
}

/** An OCI layout. */
export function layoutPlace(folder: string): Place {
  return {
    async roots() {
      if (!existsSync(join(folder, 'index.json'))) return {}
      expect(existsSync(join(folder, 'oci-layout')), 'what makes it a layout').toBe(true)
      const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
      const name = (one: { digest: string; annotations?: Record<string, string> }) =>
        one.annotations?.['org.opencontainers.image.ref.name'] ?? `about ${one.digest}`
      return Object.fromEntries(manifests.map((one: { digest: string }) => [name(one), one.digest]))
    },
    async read(_, digest) {
      const path = join(folder, 'blobs', digest.replace(':', '/'))
      return existsSync(path) ? readFileSync(path) : undefined
    },
  }
}

/** The files that a layout has under their digests, and which ones they are: one that is written again is another. */
export function filesIn(folder: string): ReadonlyMap<string, number> {
  const blobs = join(folder, 'blobs/sha256')
  const names = existsSync(blobs) ? readdirSync(blobs).filter((name) => !name.endsWith('.part')) : []
  return new Map(names.map((name) => [`sha256:${name}`, statSync(join(blobs, name)).ino]))
}

/** Lets the time pass for which a lock is waited for that a crash has left. */
export function outlastLocks(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter((one) => one.startsWith('.index.lock')))
    utimesSync(join(folder, name), new Date(0), new Date(0))
}

/** An image of the registry that runs in this process. */
export function servedPlace(server: RegistryServer, name: string): Place {
  const image = server.image(name)
  return {
    async roots() {
      const about = [...image.manifests].flatMap(([digest, { data }]) =>
        JSON.parse(data.toString()).subject === undefined ? [] : [[`about ${digest}`, digest] as const],
      )
      return Object.fromEntries([...image.tags, ...about])
    },
    read: async (kind, digest) => (kind === 'blobs' ? image.blobs.get(digest) : image.manifests.get(digest)?.data),
  }
}

/** An image of any registry. */
export function remotePlace(url: string, name: string): Place {
  const accept = ['index.v1', 'manifest.v1'].map((type) => `application/vnd.oci.image.${type}+json`).join(', ')
  const get = async (path: string) => {
    const answer = await fetch(`${url}/v2/${name}/${path}`, { headers: { accept } })
    if (answer.status === 404) return undefined
    expect(answer.status).toBe(200)
    return Buffer.from(await answer.arrayBuffer())
  }
  return {
    async roots() {
      const list = await get('tags/list')
      const tags: readonly string[] = list === undefined ? [] : (JSON.parse(list.toString()).tags ?? [])
      const digests = await Promise.all(
        tags.map(async (tag) => {
          const data = await get(`manifests/${tag}`)
          return [
            tag,
            `sha256:${createHash('sha256')
              .update(data ?? '')
              .digest('hex')}`,
          ] as const
        }),
      )
      return Object.fromEntries(digests)
    },
    read: (kind, digest) => get(`${kind}/${digest}`),
  }
}
