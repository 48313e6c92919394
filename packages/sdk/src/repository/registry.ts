import { isImageName } from '@stagegate/schema'
import { Secret } from '../secret.js'
import { originOf, type RepositoryAddress, type TrustOptions, trustOf } from './address.js'

/** Authorities in `ca` vouch for the realms that are named, too. */
export interface RegistryOptions extends TrustOptions {
  /** The account's name, or the variable that holds it. */
  readonly username?: string | Secret | undefined
  readonly password?: Secret | undefined
  /** In place of both: a variable with a Docker config.json, as `docker login` writes it. */
  readonly config?: Secret | undefined
  /** Origins beside the registry's own that may be asked for tokens. The account goes to no other. @default Docker Hub's, for Docker Hub */
  readonly realms?: readonly string[] | undefined
  /** Where the registry answers, if not under its name: `http://127.0.0.1:5000`. @default https, and the name's host */
  readonly url?: string | undefined
}

/**
 * A container registry, and what stands before the images' names there: `registry.example/acme`, `docker.io/acme`.
 * @throws {TypeError} a name without a host, an account without a password, a URL that is none
 */
export function registry(name: string, { username, password, config, realms, url, ca }: RegistryOptions = {}): RepositoryAddress {
  const [host = '', ...rest] = name.split('/')
  const prefix = rest.join('/')
  if (!/^[A-Za-z0-9.-]+(?::\d+)?$/.test(host) || (prefix !== '' && !isImageName(prefix)))
    throw new TypeError(`Expected a registry such as registry.example/acme, got ${JSON.stringify(name)}`)
  if ((username === undefined) !== (password === undefined)) throw new TypeError('Expected a user name and a password, or neither')
  if (config !== undefined && password !== undefined) throw new TypeError('Expected a password or a Docker config.json, not both')
  const hub = host === 'docker.io'
  const origin = originOf(url ?? `https://${hub ? 'registry-1.docker.io' : host}`)
  const issuers = (realms ?? (hub ? ['https://auth.docker.io'] : [])).map(originOf)
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
 * The container registry of a GitLab project, for staging: jobs of the project may push to it with their own token.
 * @param name as `CI_REGISTRY_IMAGE` has it: `registry.gitlab.com/acme/hello`
 * @param gitlab the GitLab that issues its tokens
 * @throws {TypeError} as `registry` does
 */
export function gitlabRegistry(
  name: string,
  { gitlab = 'https://gitlab.com', url, ca }: { readonly gitlab?: string; readonly url?: string } & TrustOptions = {},
): RepositoryAddress {
  return registry(name, { username: 'gitlab-ci-token', password: Secret.jobToken, realms: [gitlab], url, ca })
}
