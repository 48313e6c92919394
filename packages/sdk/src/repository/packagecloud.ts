import { text } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { credential, expectOptions, neverUndefined } from '../form/props.js'
import type { Secret } from '../secret.js'
import { originOf, type RepositoryAddress, type TrustOptions, trustOf } from './address.js'

export interface PackagecloudOptions extends TrustOptions {
  /** An API token that can read and upload. */
  readonly token: Secret
  /** For a private repository, the token with which its users read it. @default none: anybody can */
  readonly readToken?: Secret
  /** Another host with the same API. @default https://packagecloud.io */
  readonly url?: string | undefined
}

const form = fields<PackagecloudOptions>({ token: credential, readToken: neverUndefined(credential), url: text, ca: text }, 'token')

/**
 * A repository on packagecloud.io, or on a host with its API.
 * @throws {TypeError} when the repository is not `user/name`, the URL is not http or https or has more than a host, or `ca` holds no certificate
 */
export function packagecloud(repository: `${string}/${string}`, options: PackagecloudOptions): RepositoryAddress {
  expectOptions(options, form, 'packagecloud')
  const { token, readToken, url = 'https://packagecloud.io', ca } = options
  if (typeof repository !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9_.-]*\/[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(repository)) {
    throw new TypeError(`Expected a repository such as acme/stable, got ${JSON.stringify(repository)}`)
  }
  return {
    type: 'packagecloud',
    origin: originOf(url),
    ...trustOf({ ca }),
    formats: ['deb', 'rpm'],
    // The API takes API tokens only; a read token is for the repository's users.
    read: readToken === undefined ? [token] : [token, readToken],
    write: [token],
    settings: { repository },
  }
}
