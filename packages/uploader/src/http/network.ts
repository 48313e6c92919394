import type { Clock } from '../contract/clock.js'
import type { Credential, HttpClient } from './client.js'
import type { HttpClientOptions } from './client-options.js'

/** The certificate authorities of a server, and the client certificate for it. */
export interface Tls {
  /** Certificate authorities, as PEM text, in place of the public ones. @default the public ones, and those of NODE_EXTRA_CA_CERTS */
  readonly ca?: string | undefined
  /** A client certificate as PEM text, shown to this server alone; with its `key`. @default none */
  readonly cert?: string | undefined
  /** The key of `cert`, as PEM text without a passphrase. */
  readonly key?: string | undefined
}

/** How a server is reached. */
export interface ClientOptions extends Tls, Pick<HttpClientOptions, 'asksBy'> {}

/** How servers are reached. */
export interface Network {
  /**
   * A client that sends the credential to this origin and nowhere else.
   * @param options @default for a repository's own origin what the plan or the program names for it
   */
  http(origin: string, credential?: Credential | undefined, options?: ClientOptions | undefined): HttpClient
  /** The clock that limits are measured by. */
  readonly clock: Clock
}
