import { parseReadAddress, parseUrl, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../../contract/capabilities.js'
import type { Credential, HttpClient } from '../../http/client.js'
import { HttpStore, Probe, probePath, Site } from '../../store/http/index.js'
import { usersOf } from '../../store/index.js'
import { defineRepository, type Environment, type Opening, type ServedStore } from '../define.js'
import { StoredFiles } from '../files/stored-files.js'
import { named, settingsBy } from '../settings.js'
import { expectNoReaders, Visitors } from '../visitors.js'

const Settings = v.strictObject({
  /** The folder on its server: `/releases`. */
  path: v.optional(v.pipe(v.string(), v.regex(/^(?:\/[A-Za-z0-9._~+@=-]+)*$/, 'expected a folder such as /releases'))),
  /** The kind of account. */
  account: v.picklist(['none', 'basic', 'bearer']),
  /** The user name, if it is not secret. */
  username: v.optional(v.string()),
  /** Where readers find the folder. */
  readAt: v.optional(named((text) => parseReadAddress(text) !== undefined, 'an address')),
  /** A server that would replace is looked at before each write. */
  overwrites: v.optional(v.literal('checked')),
})
type HttpFilesSettings = v.InferOutput<typeof Settings>

/** @throws {UsageError} settings that do not belong to a web server */
export const parseHttpSettings = settingsBy(Settings, 'a web server has the settings path, account, username, readAt and overwrites')

/**
 * Packages and plain files on a web server that accepts PUT. The credentials are a user name, unless it is in the settings, and its
 * password; or a token.
 */
export const httpFiles = defineRepository<HttpFilesSettings>({
  type: 'http-files',
  formats: ['deb', 'rpm', 'file'],
  parse: parseHttpSettings,
  open: (opening, environment) => new StoredFiles(openHttp(opening, environment)),
})

/** Opens a folder of a web server. @throws {UsageError} no server, credentials that do not fit */
export function openHttp(opening: Opening<HttpFilesSettings>, environment: Environment): ServedStore {
  const { settings, origin, role, access } = opening
  const { path = '', readAt, overwrites } = settings
  if (parseUrl(origin) === undefined)
    throw new UsageError({ code: 'usage/repository', what: 'files on a web server need its address', where: path })
  if (role === 'staging') expectNoReaders(readAt)
  const credential = credentialOf(opening)
  const site = new Site(environment.http(origin, credential), path, environment.clock)
  const probe = new Probe(site, overwrites === 'checked')
  const store = new HttpStore(site, probe)
  const elsewhere = readAt === undefined ? undefined : parseReadAddress(readAt)
  const visitors =
    elsewhere === undefined ? visitorsOf(environment.http(origin), path) : visitorsOf(environment.http(elsewhere.origin), elsewhere.path)
  // Users with their own credential read with it.
  const users = access === 'users' && credential !== undefined ? usersOf(store) : visitors
  return { store, users, beforeWrite: role === 'staging' ? (call) => expectPrivate(probe, visitors, call) : undefined }
}

function visitorsOf(client: HttpClient, path: string): Visitors {
  return new Visitors(client, path)
}

/** @throws {RepositoryRefusal} anybody can read staged files */
async function expectPrivate(probe: Probe, visitors: Visitors, call: Call): Promise<void> {
  await probe.way(call)
  await visitors.expectNothing(probePath, call)
}

/** @throws {UsageError} more or fewer credentials than the account has */
function credentialOf({ credentials, settings: { account, username } }: Opening<HttpFilesSettings>): Credential | undefined {
  const named = username === undefined ? credentials : [undefined, ...credentials]
  const wanted = account === 'basic' ? 2 : account === 'bearer' ? 1 : 0
  if (credentials.length === 0) return undefined
  if (named.length !== wanted)
    throw new UsageError({
      code: 'usage/credential',
      what: 'a web server needs a user name and a password, or a token',
      next: 'Name their variables. Nothing was sent.',
    })
  const [first = '', second = ''] = named
  if (account === 'bearer') return { scheme: 'bearer', token: { variable: first } }
  return { scheme: 'basic', username: username ?? { variable: first }, password: { variable: second } }
}
