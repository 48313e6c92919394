import type { EmulatedOptions } from '../server/emulate.js'
import type { GcsAccount } from './caller.js'
import type { GcsConditions } from './objects.js'

/** How an emulated Google storage behaves. */
export interface GcsOptions extends EmulatedOptions {
  /** Its buckets. @default packages */
  readonly buckets?: readonly string[] | undefined
  /** By access ID. @default one: `GOOG1WRITES` with the secret `writes` */
  readonly accounts?: Readonly<Record<string, GcsAccount>> | undefined
  /** By token of OAuth. @default none */
  readonly tokens?: Readonly<Record<string, GcsAccount>> | undefined
  /** Keys that begin so can be read by anybody, and by nobody be listed. @default none */
  readonly publicPrefixes?: readonly string[] | undefined
  /** Which preconditions it heeds. @default heeds */
  readonly conditions?: GcsConditions | undefined
  /** Whether it refuses a second write of an object within a second. @default false */
  readonly isPaced?: boolean | undefined
  /** Keys on a page of a list. @default 1000 */
  readonly maxPerPage?: number | undefined
  /** @default 5 TiB */
  readonly largestObject?: number | undefined
  /** The time, in milliseconds since 1970. @default the system's */
  readonly now?: (() => number) | undefined
}
