import { X509Certificate } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { UsageError } from '@stagegate/schema'
import { defaultAuthorities } from './default-authorities.js'
import type { ProxyFor } from './proxy.js'
import { lookupHere, refuseElsewhere } from './this-machine.js'
import { Tunnels } from './tunnels.js'

/**
 * The use of a connection. An upload goes over one that was used before only where the server was heard to say
 * `100 Continue`: on one that it has just closed the word does not come, and nothing of the body was sent.
 */
export type ConnectionUse = 'asking' | 'uploading' | 'once'

/**
 * Certificate authorities that vouch for some origins, in place of the public ones, and beside those for any other: a server's
 * downloads can lead to a storage of the same house. Nothing secret goes there, and what comes is held to its digest.
 */
interface Authorities {
  readonly pem: string
  readonly origins: readonly string[]
}

/** A client certificate and its key, for one origin alone. */
export interface ClientCertificate {
  readonly cert: string
  readonly key: string
  readonly origin: string
}

export interface ConnectionsOptions {
  readonly proxyFor: ProxyFor
  readonly authorities?: Authorities | undefined
  readonly certificate?: ClientCertificate | undefined
  /** @default false */
  readonly onlyHere?: boolean | undefined
}

interface ConnectionOptions {
  readonly agent: http.Agent
  readonly secureContext?: SecureContext
  readonly lookup?: LookupFunction
}

const here = lookupHere()

/** The connections of one client. */
export class Connections {
  /** Whether the server tells uploads to go ahead. */
  tellsToGoAhead = false
  readonly #proxyFor: ProxyFor
  readonly #trusted: ReadonlySet<string>
  readonly #pem: string | undefined
  readonly #context: SecureContext | undefined
  readonly #own: { readonly origin: string; readonly context: SecureContext } | undefined
  readonly #onlyHere: boolean
  #elsewhere: SecureContext | undefined
  readonly #agents = new Map<string, http.Agent>()

  /** @throws {UsageError} authorities or a client certificate that cannot be read */
  constructor({ proxyFor, authorities, certificate, onlyHere = false }: ConnectionsOptions) {
    this.#proxyFor = proxyFor
    this.#onlyHere = onlyHere
    this.#trusted = new Set(authorities?.origins)
    this.#pem = authorities?.pem
    this.#context = authorities && contextOf(authorities.pem)
    this.#own = certificate && { origin: certificate.origin, context: contextWith(certificate, authorities) }
  }

  /** The means of a request to the address: the agent that opens, keeps and finds its connections, and who vouches for the server. */
  optionsFor(url: URL, use: ConnectionUse): ConnectionOptions {
    const isTrusted = this.#trusted.has(url.origin)
    const isOwn = url.origin === this.#own?.origin
    const secureContext = isOwn ? this.#own?.context : isTrusted ? this.#context : this.#contextElsewhere()
    const agent = this.#agentFor(url, use, `${isTrusted} ${isOwn}`)
    return { agent, ...(secureContext && { secureContext }), ...(url.hostname === 'localhost' && { lookup: here }) }
  }

  /** @throws {UsageError} an address that these connections may not lead to, whoever has named it: the plan, a redirect, a challenge */
  expectAllowed(url: URL): void {
    if (this.#onlyHere) refuseElsewhere(url)
  }

  #contextElsewhere(): SecureContext {
    this.#elsewhere ??= this.#pem === undefined ? ofProcess() : createSecureContext({ ca: [...defaultAuthorities(), this.#pem] })
    return this.#elsewhere
  }

  /** Connections to origins with authorities or a certificate of their own are kept apart: an agent does not tell them from others by these. */
  #agentFor(url: URL, use: ConnectionUse, context: string): http.Agent {
    const proxy = this.#proxyFor(url)
    const key = [use, url.protocol, context, proxy?.href].join(' ')
    const known = this.#agents.get(key)
    if (known !== undefined) return known
    // An agent that keeps no connection still keeps TLS sessions: its next handshake is a short one.
    const options = { keepAlive: use !== 'once' }
    const direct = () => (url.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options))
    const agent = proxy === undefined ? direct() : new Tunnels(proxy, options)
    this.#agents.set(key, agent)
    return agent
  }
}

let shared: SecureContext | undefined
/** The default authorities of this process, made once; Node would make them anew for each connection. */
function ofProcess(): SecureContext {
  shared ??= createSecureContext()
  return shared
}

function contextOf(pem: string): SecureContext {
  if (typeof pem !== 'string')
    throw new UsageError({
      code: 'usage/ca',
      what: 'expected `ca` to be PEM text, but it is not a string',
      next: "Read the file with 'utf8'.",
    })
  try {
    // Node takes a text without a certificate, and then trusts nobody.
    for (const certificate of pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [''])
      new X509Certificate(certificate)
    return createSecureContext({ ca: pem })
  } catch (cause) {
    throw new UsageError({
      code: 'usage/ca',
      what: 'expected `ca` to be PEM text with certificates, but it cannot be parsed',
      next: 'Pass the content of the file, not its path.',
      cause: cause instanceof Error ? cause : undefined,
    })
  }
}

function contextWith({ cert, key }: ClientCertificate, authorities: Authorities | undefined): SecureContext {
  try {
    return createSecureContext({ cert, key, ...(authorities && { ca: authorities.pem }) })
  } catch {
    // The message of OpenSSL is about the key, and stays out of ours.
    throw new UsageError({
      code: 'usage/client-certificate',
      what: 'expected `cert` and `key` to be a client certificate and its key, but they cannot be parsed or do not match',
      next: 'Pass the PEM content of the files, not their paths. Decrypt a key that has a passphrase first.',
    })
  }
}
