import { parseReadAddress } from '@stagegate/schema'
import { oneOf, text } from '../form/keyword.js'
import { either, fields } from '../form/keyword-forms.js'
import { credential, expectOptions, neverUndefined } from '../form/props.js'
import { Secret } from '../secret.js'
import { type RepositoryAddress, type TrustOptions, trustOf } from './address.js'

/** An account of a web server: a user name with its password, or a token. */
export interface HttpCredentials {
  /** The user name, or the variable that holds it; with `password`. */
  readonly username?: string | Secret
  /** The password of the user. */
  readonly password?: Secret
  /** In place of both: a bearer token. */
  readonly token?: Secret
}

/** The options of `httpFiles`. Authorities in `ca` vouch for its address, and not for `readAt`. */
export interface HttpFilesOptions extends TrustOptions {
  /** The account that may write. */
  readonly credentials: HttpCredentials
  /**
   * An account that may only read. For staging, the jobs that publish have this one alone; for a private public place, its users read with it.
   * @default for staging the one that may write; for a public place none, as anybody reads
   */
  readonly readCredentials?: HttpCredentials
  /** For a public place, the address at which readers find the folder: `https://downloads.example`. @default the same address, without an account */
  readonly readAt?: string | undefined
  /**
   * `checked` takes a server that can only be looked at before a write: of two jobs that write one path at once, the second would replace what the
   * first wrote in between. @default jobs refuse such a server
   */
  readonly overwrites?: 'checked'
}

const account = fields<HttpCredentials>({
  username: neverUndefined(either((value): value is string => typeof value === 'string', text, credential)),
  password: neverUndefined(credential),
  token: neverUndefined(credential),
})
const form = fields<HttpFilesOptions>(
  { credentials: account, readCredentials: neverUndefined(account), readAt: text, overwrites: oneOf('checked'), ca: text },
  'credentials',
)

/**
 * A folder of a web server that takes files by PUT, or of WebDAV, for .deb and .rpm packages and plain files. Jobs try the server before they upload
 * anything, and refuse one that would overwrite. A place for staging must be private.
 *
 * @param address `https://files.acme.example/releases`
 * @throws {TypeError} an address that is none, an account that is not whole, or `ca` holds no certificate
 * @example
 * const credentials = { username: 'acme', password: Secret.variable('FILES_PASSWORD') }
 * const downloads = new PublicRepo(app, 'downloads', { at: httpFiles('https://files.acme.example/releases', { credentials }) })
 */
export function httpFiles(address: string, options: HttpFilesOptions): RepositoryAddress {
  expectOptions(options, form, 'httpFiles')
  const { credentials, readCredentials = credentials, readAt, overwrites, ca } = options
  const place = parseReadAddress(address)
  if (place === undefined)
    throw new TypeError(`Expected an address such as https://files.acme.example/releases, got ${JSON.stringify(address)}`)
  if (readAt !== undefined && parseReadAddress(readAt) === undefined)
    throw new TypeError('Expected the address that readers use, such as https://downloads.example, in readAt')
  const [writer, reader] = [accountOf(credentials), accountOf(readCredentials)]
  if (writer.account !== reader.account || writer.username !== reader.username)
    throw new TypeError('Expected the same form in credentials and readCredentials: two tokens, or two user names in variables')
  return {
    type: 'http-files',
    origin: place.origin,
    ...trustOf({ ca }),
    formats: ['deb', 'rpm', 'file'],
    read: reader.secrets,
    write: writer.secrets,
    settings: {
      ...(place.path !== '' && { path: place.path }),
      account: writer.account,
      ...(writer.username !== undefined && { username: writer.username }),
      ...(readAt !== undefined && { readAt }),
      ...(overwrites !== undefined && { overwrites }),
    },
  }
}

/** @throws {TypeError} half of an account, or two */
function accountOf({ username, password, token }: HttpCredentials) {
  if (token !== undefined && username === undefined && password === undefined) return { account: 'bearer', secrets: [token] } as const
  if (token !== undefined || username === undefined || password === undefined)
    throw new TypeError('Expected username and password, or token, in the credentials of httpFiles')
  if (username instanceof Secret) return { account: 'basic', secrets: [username, password] } as const
  return { account: 'basic', username, secrets: [password] } as const
}
