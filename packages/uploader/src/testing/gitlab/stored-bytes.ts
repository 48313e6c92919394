import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Asked } from '../server/respond.js'
import { resetConnection } from '../server/tls.js'

/** Bytes that were sent: in memory, or in a file where they are many. */
export interface StoredBytes {
  readonly size: number
  /** In hexadecimal. */
  readonly sha256: string
  readonly at: { readonly data: Buffer } | { readonly path: string }
}

/** More than these lie in a file. */
const inMemory = 1024 * 1024

export function storedBytes(data: Buffer): StoredBytes {
  return { size: data.length, sha256: createHash('sha256').update(data).digest('hex'), at: { data } }
}

export function readBytes({ at }: StoredBytes): Buffer {
  return 'data' in at ? at.data : readFileSync(at.path)
}

/** Where large bodies lie: a folder that is made when the first one comes. */
export class ByteFolder {
  #folder: Promise<string> | undefined
  #made = 0

  /** A request's body; `undefined` for one that broke off, of which nothing is left. */
  async receive({ request, fault }: Asked): Promise<StoredBytes | undefined> {
    const body = new Body(() => this.#newFile())
    let isReset = false
    const reset = () => {
      if (!isReset) resetConnection(request.socket)
      isReset = true
    }
    try {
      // Reading goes on until the reset has arrived: leaving the loop would end the request under the server's hands.
      for await (const chunk of request as AsyncIterable<Buffer>) {
        await body.write(chunk)
        if (typeof fault.reset === 'object' && body.size >= fault.reset.afterBytes) reset()
      }
      if (fault.reset === 'after-body') reset()
      if (isReset) throw new Error('the connection was reset')
      return await body.end(fault.storeOtherBytes === true)
    } catch {
      await body.discard()
      return undefined
    }
  }

  async remove(): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  async #newFile(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'gitlab-packages-'))
    return join(await this.#folder, `file-${++this.#made}`)
  }
}

/** A body on its way. The last byte is held back: a fault may change it. */
class Body {
  size = 0
  readonly #newFile: () => Promise<string>
  readonly #hash = createHash('sha256')
  #chunks: Buffer[] = []
  #last = Buffer.alloc(0)
  #file: { readonly handle: FileHandle; readonly path: string } | undefined

  constructor(newFile: () => Promise<string>) {
    this.#newFile = newFile
  }

  async write(chunk: Buffer): Promise<void> {
    this.size += chunk.length
    const bytes = Buffer.concat([this.#last, chunk])
    this.#last = bytes.subarray(-1)
    await this.#keep(bytes.subarray(0, -1))
  }

  async end(changed: boolean): Promise<StoredBytes> {
    await this.#keep(changed ? this.#last.map((byte) => byte ^ 1) : this.#last)
    await this.#file?.handle.close()
    const at = this.#file === undefined ? { data: Buffer.concat(this.#chunks) } : { path: this.#file.path }
    return { size: this.size, sha256: this.#hash.digest('hex'), at }
  }

  async discard(): Promise<void> {
    await this.#file?.handle.close()
    if (this.#file !== undefined) await rm(this.#file.path, { force: true })
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    if (this.#file === undefined) this.#chunks.push(Buffer.from(bytes))
    if (this.#file === undefined && this.size > inMemory) await this.#spill()
    else if (this.#file !== undefined) await this.#file.handle.writeFile(bytes)
  }

  async #spill(): Promise<void> {
    const path = await this.#newFile()
    this.#file = { path, handle: await open(path, 'wx') }
    await this.#file.handle.writeFile(Buffer.concat(this.#chunks))
    this.#chunks = []
  }
}
