/** See trust.mjs. */
import 'vitest'
import type { Authority } from './authority.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The run's; processes of the run trust it (NODE_EXTRA_CA_CERTS). */
    authority: Authority
  }
}

/**
 * The run's authority. The first call makes it, in a folder that is gone when this process ends; Node processes that are started
 * from then on trust it, and find it.
 */
export function ensureAuthority(): Promise<Authority>
/** The run's, if it has been made. */
export function authorityOfRun(): Authority | undefined
/** The file of certificates that this machine wants to be trusted beside those that come with Node, if any. */
export function machineCertificates(): string | undefined
