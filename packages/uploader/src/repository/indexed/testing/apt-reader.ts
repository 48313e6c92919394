import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

/** What a reader of a tree gets for a path; `undefined`: nothing. */
export type Get = (path: string) => Buffer | undefined

/** A package that a suite lists. */
export interface ListedPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly sha256: string
}

const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex')

function field(stanza: string, name: string): string {
  const value = new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1]
  if (value === undefined) throw new Error(`A stanza has no ${name}: ${stanza}`)
  return value
}

/**
 * Reads a suite as apt does, by digest, and expects that all it names is there with the right bytes. It shares no code with what wrote it.
 * @returns what each index lists, and the date
 */
export function readSuite(get: Get, root: string, suite: string, names: 'by-hash' | 'plain' = 'by-hash') {
  const signed = get(`${root}dists/${suite}/InRelease`)?.toString()
  if (signed === undefined) return undefined
  // Without its signature.
  const release = signed.replace(/^-----BEGIN[\s\S]*?\n\n/, '').replace(/-----BEGIN PGP SIGNATURE[\s\S]*$/, '')
  if (field(release, 'Acquire-By-Hash') !== 'yes') throw new Error('It is not read by digest')
  const indices = new Map<string, readonly ListedPackage[]>()
  for (const [, sha256 = '', size = '', name = ''] of release.matchAll(/^ ([0-9a-f]{64}) +(\d+) (\S+)$/gm)) {
    const [, index, gz] = /^(.*)\/Packages(\.gz)?$/.exec(name) ?? []
    if (index === undefined || gz === undefined) continue
    const path = names === 'plain' ? name : `${index}/by-hash/SHA256/${sha256}`
    const packed = get(`${root}dists/${suite}/${path}`)
    if (packed === undefined || digest(packed) !== sha256 || packed.length !== Number(size)) throw new Error(`Hash sum mismatch: ${path}`)
    const text = gunzipSync(packed).toString()
    if (!release.includes(` ${digest(Buffer.from(text))} `)) throw new Error(`Hash sum mismatch of what ${path} unpacks to`)
    indices.set(
      index,
      text
        .split('\n\n')
        .filter(Boolean)
        .map((stanza) => packageIn(stanza, (path) => get(root + path))),
    )
  }
  return { indices, date: Date.parse(field(release, 'Date')) }
}

function packageIn(stanza: string, get: Get): ListedPackage {
  const [path, sha256] = [field(stanza, 'Filename'), field(stanza, 'SHA256')]
  const data = get(path)
  if (data === undefined || digest(data) !== sha256 || data.length !== Number(field(stanza, 'Size')))
    throw new Error(`Hash sum mismatch: ${path}`)
  return { name: field(stanza, 'Package'), version: field(stanza, 'Version'), architecture: field(stanza, 'Architecture'), sha256 }
}
