import type { Clock } from '../contract/clock.js'
import type { BackOffClock, Credential } from './client.js'
import type { HttpLimits } from './exchange.js'
import type { ProxyFor } from './proxy.js'
import type { Secrets } from './secret.js'

/** The options of `createHttpClient`. Only the origin is needed. */
export interface HttpClientOptions {
  /** Scheme, host and port: `https://packages.example`. */
  readonly origin: string
  /** Sent to this origin, and nowhere else. @default none */
  readonly credential?: Credential | undefined
  /** The values of the variables that the credential names. @default none is set: secrets are given as `{ value }` */
  readonly secrets?: Secrets | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** @default stagegate */
  readonly userAgent?: string | undefined
  /** Shared by all who talk to this origin. @default none: every request is sent */
  readonly backOff?: BackOffClock | undefined
  /** Allows plain http to other machines. @default false */
  readonly insecure?: boolean | undefined
  /** The given ones replace the defaults. @default 15 s to connect, 60 s for an answer, 60 s without a byte */
  readonly limits?: Partial<HttpLimits> | undefined
  /**
   * Certificate authorities as PEM text, in place of the public ones: for this origin, and for those that its credential may ask for
   * tokens. @default the public authorities, and those of NODE_EXTRA_CA_CERTS
   */
  readonly ca?: string | undefined
  /** A client certificate as PEM text, shown to this origin alone; with its `key`. @default none */
  readonly cert?: string | undefined
  /** The key of `cert`, as PEM text without a passphrase. */
  readonly key?: string | undefined
  /** Chooses the proxy for an address. @default none */
  readonly proxy?: ProxyFor | undefined
  /** Sends nothing to another machine, wherever a redirect, a token's issuer or an upload leads. @default false */
  readonly onlyHere?: boolean | undefined
  /** The sender of requests that have a text for a body, or none. `got` is meant for a JSON API, and loaded with the first request. @default node, by its `http` */
  readonly asksBy?: 'got' | 'node' | undefined
}

export const clientOptions = {
  origin: true,
  credential: true,
  secrets: true,
  clock: true,
  userAgent: true,
  backOff: true,
  insecure: true,
  limits: true,
  ca: true,
  cert: true,
  key: true,
  proxy: true,
  onlyHere: true,
  asksBy: true,
} as const satisfies Record<keyof HttpClientOptions, true>
