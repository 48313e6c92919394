import { type JsonObject, parseReadAddress } from '@stagegate/schema'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import { expectKnown } from '../contract/options.js'
import type { Secret } from '../http/client.js'
import { expectSecret } from '../http/secret.js'
import { httpFiles as webFiles } from './http-files/index.js'
import { advice, ofServer, open, type ServerOptions, wrong } from './opening.js'

/** The options of `httpFiles`. */
export interface HttpFilesOptions extends ServerOptions {
  /** The account. @default none */
  readonly username?: string | Secret | undefined
  /** The account's password. @default none */
  readonly password?: Secret | undefined
  /** Instead of both: a bearer token. @default none: anybody may write */
  readonly token?: Secret | undefined
  /** Where readers find the folder: `https://downloads.example`. @default the same address, without the account */
  readonly readAt?: string | undefined
  /**
   * `checked` accepts a server without conditional writes: if two runs write at once, the second would replace what the first wrote in
   * between. @default such a server is refused
   */
  readonly overwrites?: 'checked' | undefined
  /** Its use. Nothing is staged in a place that anybody can read. @default public */
  readonly role?: 'staging' | 'public' | undefined
}

/**
 * A folder of a web server with PUT or WebDAV, for Debian and RPM packages and plain files. Before the first upload, the server is
 * tested: one that would overwrite is refused.
 * @param address `https://files.acme.example/releases`
 * @throws {UsageError} an invalid address, an account without a password, a missing or malformed secret
 * @example
 * const downloads = httpFiles('https://files.acme.example/releases', { username: 'acme', password: { variable: 'FILES_PASSWORD' } })
 */
export function httpFiles(address: string, options: HttpFilesOptions = {}): StagingRepository & PublicRepository {
  expectKnown('httpFiles()', options, [...ofServer, 'username', 'password', 'token', 'readAt', 'overwrites', 'role'])
  const { username, password, token, readAt, overwrites, role, ...server } = options
  const place = parseReadAddress(address)
  if (place === undefined) throw wrong('httpFiles()', 'its first argument is not an address such as https://files.acme.example/releases')
  if ((username === undefined) !== (password === undefined))
    throw wrong('httpFiles()', 'a user name needs a password, and a password a user name')
  if (token !== undefined && password !== undefined) throw wrong('httpFiles()', 'there are both a password and a token: pass only one')
  for (const [name, secret] of Object.entries({ password, token })) if (secret !== undefined) expectSecret(secret, name)
  const settings: JsonObject = {
    ...(place.path !== '' && { path: place.path }),
    account: token !== undefined ? 'bearer' : password !== undefined ? 'basic' : 'none',
    ...(typeof username === 'string' && { username }),
    ...(readAt !== undefined && { readAt }),
    ...(overwrites !== undefined && { overwrites }),
  }
  const credentials = [typeof username === 'string' ? undefined : username, password, token].filter((one) => one !== undefined)
  return open(webFiles, { ...server, role, server: place.origin, credentials, settings }, { name: address, next: advice })
}
