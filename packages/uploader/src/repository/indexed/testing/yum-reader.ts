import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { Get } from './apt-reader.js'

const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex')

function between(text: string, pattern: RegExp): string {
  const value = pattern.exec(text)?.[1]
  if (value === undefined) throw new Error(`Nothing in it is like ${pattern}: ${text.slice(0, 200)}`)
  return value
}

/** A package that a repository lists. */
export interface ListedRpm {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly sha256: string
}

/** Reads a repository as dnf does, and expects that all it names is there with the right bytes. It shares no code with what wrote it. */
export function readYum(get: Get, folder: string) {
  const repomd = get(`${folder}/repodata/repomd.xml`)?.toString()
  if (repomd === undefined) return undefined
  const documents = new Map<string, string>()
  for (const [, kind = '', record = ''] of repomd.matchAll(/<data type="(\w+)">([\s\S]*?)<\/data>/g)) {
    const [path, sha256] = [between(record, /<location href="([^"]+)"/), between(record, /<checksum type="sha256">(\w+)</)]
    const packed = get(`${folder}/${path}`)
    if (packed === undefined || digest(packed) !== sha256) throw new Error(`The checksum does not match: ${path}`)
    const text = gunzipSync(packed)
    if (digest(text) !== between(record, /<open-checksum type="sha256">(\w+)</))
      throw new Error(`The open checksum does not match: ${path}`)
    documents.set(kind, text.toString())
  }
  const ids = (kind: string) => [...(documents.get(kind) ?? '').matchAll(/<package pkgid="(\w+)"/g)].map(([, id]) => id).sort()
  const packages = [...(documents.get('primary') ?? '').matchAll(/<package type="rpm">[\s\S]*?<\/package>/g)].map(([one]) =>
    packageIn(one, folder, get),
  )
  const known = packages
    .map(({ sha256 }) => sha256)
    .sort()
    .join()
  if (ids('filelists').join() !== known || ids('other').join() !== known) throw new Error('The documents list different packages')
  return { packages, date: Number(between(repomd, /<revision>(\d+)</)) * 1000 }
}

function packageIn(element: string, folder: string, get: Get): ListedRpm {
  const [path, sha256] = [between(element, /<location href="([^"]+)"/), between(element, /<checksum type="sha256" pkgid="YES">(\w+)</)]
  const data = get(`${folder}/${path}`)
  if (data === undefined || digest(data) !== sha256) throw new Error(`Downloading successful, but checksum doesn't match: ${path}`)
  const [, epoch = '', version = '', release = ''] = /<version epoch="(\d+)" ver="([^"]+)" rel="([^"]+)"/.exec(element) ?? []
  return {
    name: between(element, /<name>([^<]+)</),
    version: `${epoch === '0' ? '' : `${epoch}:`}${version}-${release}`,
    architecture: between(element, /<arch>([^<]+)</),
    sha256,
  }
}
