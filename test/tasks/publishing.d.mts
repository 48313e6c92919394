/** See publishing.mjs. */
import type { Content, Coordinates, Origin, PlannedRepository, Receipt, SealedTag, Verification } from '@stagegate/schema'
import type { Ports, RepositoryKind } from '@stagegate/uploader'

export interface Publishing {
  readonly artifact: { readonly coordinates: Coordinates; readonly content: Content; readonly location: string }
  /** By name; one is `staging`. */
  readonly repositories: Readonly<Record<string, PlannedRepository>>
  readonly destinations: readonly string[]
  /** @default 1.0.0 */
  readonly version?: string
  /** Of an image. */
  readonly tags?: readonly SealedTag[]
  /** @default the process's */
  readonly variables?: Readonly<Record<string, string>>
}
export interface PublishingPorts extends Pick<Ports, 'limits' | 'onEvent' | 'signal'> {
  /** @default those that come with the library */
  readonly kinds?: readonly RepositoryKind<unknown>[]
}
/** A rehearsed job of the kind `release`, by the digest of its plan. */
export function originOf(plan: string, tag: string): Origin
export function publishOne(what: Publishing, ports: PublishingPorts): Promise<Receipt>
/** Looks once. */
export function verifyOne(what: Publishing, ports: PublishingPorts): Promise<Verification>
