import { parseRegistryName } from '@stagegate/schema'
import { text } from '../form/keyword.js'
import { either, fields, list } from '../form/keyword-forms.js'
import { credential, expectOptions, neverUndefined } from '../form/props.js'
import { Secret } from '../secret.js'
import { originOf, type RepositoryAddress, type TrustOptions, trustOf } from './address.js'

/** Authorities in `ca` vouch for the realms that are named, too. */
export interface RegistryOptions extends TrustOptions {
  /** The account's name, or the variable that holds it. */
  readonly username?: string | Secret
  readonly password?: Secret
  /** In place of both: a variable with a Docker config.json, as `docker login` writes it. */
  readonly config?: Secret
  /** Origins beside the registry's own that may be asked for tokens. The account goes to no other. @default Docker Hub's, for Docker Hub */
  readonly realms?: readonly string[] | undefined
  /** Where the registry answers, if not under its name: `http://127.0.0.1:5000`. @default https, and the name's host */
  readonly url?: string | undefined
}

export interface GitLabRegistryOptions extends TrustOptions {
  /** The GitLab that issues its tokens. @default https://gitlab.com */
  readonly gitlab?: string | undefined
  /** Where the registry answers, if not under its name. @default https, and the name's host */
  readonly url?: string | undefined
  /** The name of a deploy token of the project, or the variable that holds it; with its `password`. @default the job's own token */
  readonly username?: string | Secret | undefined
  /** A deploy token of the project, with the scopes `read_registry` and `write_registry`. @default the job's own token */
  readonly password?: Secret | undefined
}

const account = either<Secret, string>((value): value is Secret => value instanceof Secret, credential, text)
const form = fields<RegistryOptions>({
  username: neverUndefined(account),
  password: neverUndefined(credential),
  config: neverUndefined(credential),
  realms: list(text),
  url: text,
  ca: text,
})
const gitlabForm = fields<GitLabRegistryOptions>({
  gitlab: text,
  url: text,
  ca: text,
  username: neverUndefined(account),
  password: neverUndefined(credential),
})

/**
 * A container registry, and what stands before the images' names there: `registry.example/acme`, `docker.io/acme`.
 * @throws {TypeError} a name without a host, an account without a password, a URL that is none
 */
export function registry(name: string, options: RegistryOptions = {}): RepositoryAddress {
  expectOptions(options, form, 'registry')
  const { username, password, config, realms, url, ca } = options
  const named = parseRegistryName(name)
  if (named === undefined) throw new TypeError(`Expected a registry such as registry.example/acme, got ${JSON.stringify(name)}`)
  const { prefix } = named
  if ((username === undefined) !== (password === undefined)) throw new TypeError('Expected a user name and a password, or neither')
  if (config !== undefined && password !== undefined) throw new TypeError('Expected a password or a Docker config.json, not both')
  const origin = originOf(url ?? named.origin)
  const issuers = (realms ?? named.realms).map(originOf)
  const credentials =
    config !== undefined ? [config] : password === undefined ? [] : username instanceof Secret ? [username, password] : [password]
  return {
    type: 'registry',
    origin,
    ...trustOf({ ca }),
    formats: ['image'],
    read: credentials,
    write: credentials,
    settings: {
      ...(prefix !== '' && { prefix }),
      account: config !== undefined ? 'config' : password === undefined ? 'none' : 'password',
      ...(typeof username === 'string' && { username }),
      ...(issuers.length > 0 && { realms: issuers }),
    },
  }
}

/**
 * The container registry of a GitLab project. With the job's own token it is for staging: each job of the project may push to it, and none of
 * another project. A public one is that of another project, with a deploy token of that project.
 * @param name as `CI_REGISTRY_IMAGE` has it: `registry.gitlab.com/acme/hello`. @default the app's own project on gitlab.com, which
 *   `new App({ project: { path } })` names
 * @throws {TypeError} as `registry` does
 * @example
 * const images = new StagingRepo(app, 'images', { at: gitlabRegistry('registry.gitlab.com/acme/hello') })
 * const password = Secret.variable('PUBLIC_REGISTRY_TOKEN')
 * const stable = new PublicRepo(app, 'stable', { at: gitlabRegistry('registry.gitlab.com/acme/public', { username: 'release', password }) })
 */
export function gitlabRegistry(name?: string, options: GitLabRegistryOptions = {}): RepositoryAddress {
  expectOptions(options, gitlabForm, 'gitlabRegistry')
  const { gitlab = 'https://gitlab.com', url, ca, username, password } = options
  if ((username === undefined) !== (password === undefined))
    throw new TypeError('Expected the name of a deploy token and the token, or neither')
  const own = { username: 'gitlab-ci-token', password: Secret.jobToken }
  const account = username === undefined || password === undefined ? own : { username, password }
  const address = registry(name ?? 'registry.gitlab.com', { ...account, realms: [gitlab], url, ca })
  return name === undefined ? { ...address, settings: { ...address.settings, ownProject: true } } : address
}
