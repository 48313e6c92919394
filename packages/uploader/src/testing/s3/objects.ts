import { createHash } from 'node:crypto'
import { noSuchKey, preconditionFailed, S3Refusal } from './errors.js'

/** An object of a bucket. */
export interface S3Object {
  /** Its bytes. */
  readonly data: Buffer
  /** With its quotes. */
  readonly etag: string
  /** Metadata, type and cache control, as they were sent. */
  readonly headers: Readonly<Record<string, string>>
  /** The checksum in base64, with the number of parts where it is that of parts. */
  readonly checksum?: string | undefined
}

/** How a server treats the conditions of a write. */
export type S3Conditions = 'heeds' | 'ignores' | 'ignores-if-match' | 'not-implemented'

/** The conditions that a write comes with. */
export interface Wanted {
  readonly ifNoneMatch: string | undefined
  readonly ifMatch: string | undefined
}

/** The objects of one bucket, and the rules by which they are written. Node does one thing at a time, so a write is atomic. */
export class Objects {
  readonly all = new Map<string, S3Object>()
  readonly #conditions: S3Conditions
  readonly #lag: number
  readonly #hidden = new Map<string, number>()
  /** So many conditional writes are refused, as if another one were under way. */
  contended = 0

  constructor(conditions: S3Conditions, lag: number) {
    this.#conditions = conditions
    this.#lag = lag
  }

  /** An object, as readers see it: a new one appears after some looks. */
  seen(key: string): S3Object | undefined {
    const left = this.#hidden.get(key) ?? 0
    if (left > 0) {
      this.#hidden.set(key, left - 1)
      return undefined
    }
    return this.all.get(key)
  }

  /** @throws {S3Refusal} a condition that does not hold, or is none */
  expect(key: string, { ifNoneMatch, ifMatch }: Wanted): void {
    if (ifNoneMatch === undefined && ifMatch === undefined) return
    if (this.#conditions === 'not-implemented')
      throw new S3Refusal(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented.')
    if (this.contended > 0) {
      this.contended--
      throw new S3Refusal(409, 'ConditionalRequestConflict', 'The conditional request cannot succeed due to a conflicting operation.')
    }
    if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
      throw new S3Refusal(501, 'NotImplemented', 'Only If-None-Match: * is implemented for writes.')
    if (this.#conditions === 'ignores') return
    const there = this.all.get(key)
    if (ifNoneMatch !== undefined && there !== undefined) throw preconditionFailed()
    if (ifMatch === undefined || this.#conditions === 'ignores-if-match') return
    if (there === undefined) throw noSuchKey()
    if (ifMatch !== '*' && there.etag !== ifMatch) throw preconditionFailed()
  }

  put(key: string, object: S3Object): void {
    if (!this.all.has(key)) this.#hidden.set(key, this.#lag)
    this.all.set(key, object)
  }
}

export function md5Of(data: Buffer): string {
  return createHash('md5').update(data).digest('hex')
}

export function sha256Of(data: Buffer, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha256').update(data).digest(encoding)
}
