import { isImageName, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import { jobTokenVariable } from '../../gitlab/job-token.js'
import type { Credential } from '../../http/client.js'
import { defineRepository, type Opening } from '../define.js'
import { named, settingsBy } from '../settings.js'
import { Registry } from './registry.js'

const Settings = v.strictObject({
  /** The prefix of the images' names: `acme/omnibus`. */
  prefix: v.optional(named((prefix) => prefix === '' || isImageName(prefix), 'the beginning of an image name')),
  /** The account's name; if it is in a variable, that is the first of the credentials. */
  username: v.optional(v.string()),
  /** `config`: the credential is a Docker config.json. */
  account: v.optional(v.picklist(['none', 'password', 'config'])),
  /** Other origins that may be asked for tokens, in addition to the registry's own. */
  realms: v.optional(v.array(v.string())),
  /** In bytes: larger layers are sent in pieces of this size, for a proxy that limits requests. */
  pieceSize: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
})
export type RegistrySettings = v.InferOutput<typeof Settings>

/** A registry of container images (OCI distribution specification 1.1, and Docker's before it). */
export const registry = defineRepository<RegistrySettings>({
  type: 'registry',
  formats: ['image'],
  usersHaveJobToken: true,
  parse: settingsBy(Settings, 'a registry has the settings prefix, username, account, realms and pieceSize'),
  open(opening, environment) {
    const client = environment.http(opening.origin, credentialOf(opening))
    const visitors = environment.http(opening.origin, { scheme: 'registry', realms: opening.settings.realms })
    const [credential, ...others] = opening.access === 'users' ? opening.credentials : []
    const isOfJobs = credential === jobTokenVariable && others.length === 0
    return new Registry({
      prefix: opening.settings.prefix,
      client,
      visitors: credential === undefined || isOfJobs ? visitors : client,
      // A public image is pulled without a token, by jobs as by everybody else.
      members: isOfJobs ? client : undefined,
      // Other registries may be open to a whole company on purpose.
      isPrivate: opening.role === 'staging' && opening.access === 'write' && opening.credentials.at(-1) === jobTokenVariable,
      clock: environment.clock,
      pieceSize: opening.settings.pieceSize,
    })
  },
})

function credentialOf({ settings: { username, account = 'none', realms }, credentials, access }: Opening<RegistrySettings>): Credential {
  const [first, second] = credentials
  const anonymous = account === 'none'
  if (anonymous && first === undefined) return { scheme: 'registry', realms }
  // Users need no account.
  if (first === undefined && access === 'users') return { scheme: 'registry', realms }
  if (anonymous || first === undefined)
    throw new UsageError({
      code: 'usage/settings',
      what: anonymous
        ? 'there is a credential, but the setting account does not give its type'
        : 'there is an account without a credential',
      next: "Set account to 'password' or 'config'. This version of synth writes it into the plan together with the credentials.",
    })
  if (account === 'config') return { scheme: 'registry', realms, account: { config: { variable: first } } }
  if (username !== undefined) return { scheme: 'registry', realms, account: { username, password: { variable: first } } }
  if (second === undefined)
    throw new UsageError({
      code: 'usage/settings',
      what: 'expected a user name, or one credential for the name and one for the password',
    })
  return { scheme: 'registry', realms, account: { username: { variable: first }, password: { variable: second } } }
}
