/** See authority.mjs. */
/** PEM, as a server takes them. */
export interface Tls {
  readonly certificate: string
  readonly key: string
}

export interface Authority {
  /** Its own certificate, for those who shall trust it. */
  readonly ca: string
  /** For `localhost`, `127.0.0.1`, `::1` and `*.tests.example`, as are those below unless they say otherwise. */
  readonly server: Tls
  readonly expired: Tls
  readonly notYetValid: Tls
  /** For `elsewhere.example`. */
  readonly wrongName: Tls
  /** From an authority that nobody trusts. */
  readonly foreign: Tls
  /** The same, sent with that authority's own certificate. */
  readonly foreignChain: Tls
  readonly selfSigned: Tls
  /** For a client, and not for a server. */
  readonly client: Tls
}

export function makeAuthority(now?: number): Promise<Authority>
