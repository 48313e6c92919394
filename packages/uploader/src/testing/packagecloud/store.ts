import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Identity } from './read-package.js'
import type { Digests, StoredPackage } from './stored-package.js'

const algorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const

/** The packages of all repositories; their bytes are files in one folder, complete ones only. */
export class Store {
  readonly #folder: string
  #packages: StoredPackage[] = []
  #made = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  of(repository: string): readonly StoredPackage[] {
    return this.#packages.filter((stored) => stored.repository === repository)
  }

  find(repository: string, distribution: string, file: string): StoredPackage | undefined {
    return this.of(repository).find((stored) => stored.distribution === distribution && stored.file === file)
  }

  byId(id: number): StoredPackage | undefined {
    return this.#packages.find((stored) => stored.id === id)
  }

  /** Writes an upload's bytes as they come. They belong to nothing before `keep`. */
  async receive(bytes: Readable): Promise<{ readonly path: string; readonly digests: Digests }> {
    await mkdir(this.#folder, { recursive: true })
    const path = join(this.#folder, `upload-${++this.#made}`)
    const file = await open(path, 'wx')
    try {
      return { path, digests: await writeHashed(file, bytes) }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
  }

  async discard(path: string): Promise<void> {
    await rm(path, { force: true })
  }

  /** Gives received bytes their name; false when it is taken. */
  async keep(
    at: { repository: string; distribution: string },
    file: string,
    identity: Identity,
    received: { path: string; digests: Digests },
  ): Promise<StoredPackage | undefined> {
    if (this.find(at.repository, at.distribution, file) !== undefined) return undefined
    const id = ++this.#made
    const path = join(this.#folder, `package-${id}`)
    const stored: StoredPackage = {
      ...at,
      id,
      file,
      identity,
      digests: received.digests,
      path,
      createdAt: new Date().toISOString(),
      looks: 0,
      missed: 0,
      listed: 0,
    }
    // In the list before the await: two uploads of one name can end at the same time.
    this.#packages.push(stored)
    await rename(received.path, path)
    return stored
  }

  move(stored: StoredPackage, destination: string): void {
    stored.repository = destination
  }

  async remove(stored: StoredPackage): Promise<void> {
    this.#packages = this.#packages.filter((other) => other !== stored)
    await rm(stored.path, { force: true })
  }
}

/** Changes the last byte, and says what is true of the file then. */
export async function alter(path: string): Promise<Digests> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    await file.read(last, 0, 1, size - 1)
    await file.write(Buffer.from([last.readUInt8() ^ 1]), 0, 1, size - 1)
    return await writeHashed(undefined, file.createReadStream({ start: 0, autoClose: false }))
  } finally {
    await file.close()
  }
}

async function writeHashed(file: FileHandle | undefined, bytes: Readable): Promise<Digests> {
  const hashes = algorithms.map((algorithm) => [algorithm, createHash(algorithm)] as const)
  let size = 0
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    for (const [, hash] of hashes) hash.update(chunk)
    for (let done = 0; file !== undefined && done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten
    size += chunk.length
  }
  const digests = Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')]))
  // The cast: each of the algorithms has just been given its digest.
  return { size, ...(digests as Record<(typeof algorithms)[number], string>) }
}
