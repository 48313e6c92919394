import type { EmulatedOptions } from '../server/emulate.js'
import type { S3Conditions } from './objects.js'
import type { S3Account } from './signature.js'

/** How an emulated S3 behaves. */
export interface S3Options extends EmulatedOptions {
  /** Its buckets. @default packages */
  readonly buckets?: readonly string[] | undefined
  /** By access key. @default one: `AKIDWRITES` with the secret `writes` */
  readonly accounts?: Readonly<Record<string, S3Account>> | undefined
  /** Keys that begin so can be read by anybody, and by nobody be listed. @default none */
  readonly publicPrefixes?: readonly string[] | undefined
  /** @default eu-central-1 */
  readonly region?: string | undefined
  /** The answer to whatever is asked: the buckets are elsewhere. @default they are here */
  readonly elsewhere?: { readonly status: 301 | 307; readonly region: string; readonly location?: string | undefined } | undefined
  /** How it treats the conditions of a write. @default heeds */
  readonly conditions?: S3Conditions | undefined
  /** So many looks do not see a new object. @default 0 */
  readonly lag?: number | undefined
  /** Whether it keeps checksums. @default true */
  readonly keepsChecksums?: boolean | undefined
  /** Keys on a page of a list. @default 1000 */
  readonly maxPerPage?: number | undefined
  /** @default 5 MiB */
  readonly smallestPart?: number | undefined
  /** @default 5 GiB */
  readonly largestObject?: number | undefined
  /** The bucket that it serves by its host's name; others are in the path. @default none */
  readonly hostOf?: string | undefined
  /** Seconds by which its clock is ahead. @default 0 */
  readonly ahead?: number | undefined
  /** The time, in milliseconds since 1970. @default the system's */
  readonly now?: (() => number) | undefined
}
