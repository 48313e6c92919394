import { createHash } from 'node:crypto'
import { preconditionFailed, refusal } from './errors.js'

/** An object of a bucket. */
export interface GcsObject {
  /** Its bytes. */
  readonly data: Buffer
  /** Grows with each write of any object. */
  readonly generation: string
  /** Metadata, type and cache control, as they were sent. */
  readonly headers: Readonly<Record<string, string>>
}

/** Which preconditions a server heeds. */
export type GcsConditions = 'heeds' | 'ignores' | 'ignores-generations'

/** The objects of one bucket. Node does one thing at a time, so a write is atomic. */
export class Objects {
  readonly all = new Map<string, GcsObject>()
  readonly #conditions: GcsConditions
  readonly #now: () => number
  readonly #writtenAt = new Map<string, number>()
  readonly #isPaced: boolean
  #last = 0

  constructor({ conditions, now, isPaced }: { conditions: GcsConditions; now: () => number; isPaced: boolean }) {
    this.#conditions = conditions
    this.#now = now
    this.#isPaced = isPaced
  }

  /**
   * Writes an object.
   * @param wanted the header `x-goog-if-generation-match`
   * @throws {S3Refusal} a condition that does not hold, a second write within a second
   */
  put(
    key: string,
    object: Omit<GcsObject, 'generation'>,
    { wanted, kept = key }: { wanted: string | undefined; kept?: string | undefined },
  ) {
    this.#expect(key, wanted)
    // https://docs.cloud.google.com/storage/quotas: one write a second to the same object.
    if (this.#isPaced && this.#now() - (this.#writtenAt.get(key) ?? 0) < 1000)
      throw refusal(429, 'SlowDown', 'The object exceeded the rate limit for object mutation operations (create, update, and delete).')
    this.#writtenAt.set(key, this.#now())
    // Microseconds, as Google's are.
    this.#last = Math.max(this.#last + 1, this.#now() * 1000)
    const written: GcsObject = { ...object, generation: String(this.#last) }
    this.all.set(kept, written)
    return written
  }

  #expect(key: string, wanted: string | undefined): void {
    if (wanted === undefined || this.#conditions === 'ignores') return
    if (!/^\d{1,19}$/.test(wanted)) throw refusal(400, 'InvalidArgument', 'Invalid argument.', 'A generation is a number.')
    if (wanted !== '0' && this.#conditions === 'ignores-generations') return
    if ((this.all.get(key)?.generation ?? '0') !== wanted) throw preconditionFailed()
  }
}

/** As Google shows an object: its ETag is of no use for a write. */
export function shown({ data, generation, headers }: GcsObject): Readonly<Record<string, string>> {
  const md5 = createHash('md5').update(data).digest()
  return {
    // https://docs.cloud.google.com/storage/docs/metadata: for an object that everybody may read.
    'cache-control': 'public, max-age=3600',
    ...headers,
    etag: `"${md5.toString('hex')}"`,
    'x-goog-generation': generation,
    'x-goog-metageneration': '1',
    'x-goog-hash': `md5=${md5.toString('base64')}`,
    'x-goog-storage-class': 'STANDARD',
    'x-goog-stored-content-encoding': 'identity',
    'x-goog-stored-content-length': String(data.length),
    'last-modified': new Date(Math.floor(Number(generation) / 1000)).toUTCString(),
    'content-length': String(data.length),
  }
}
