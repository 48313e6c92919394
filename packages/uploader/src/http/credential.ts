import type { Call } from '../contract/capabilities.js'
import { awsSign, type Sign } from './aws-signature.js'
import type { AwsAccount, Credential, IssuedKeys, Secret, SecretFunction } from './client.js'
import { accountIn } from './docker-config.js'
import { googleSign } from './google-signature.js'
import {
  fetchSecret,
  fileText,
  type KnownSecrets,
  noColon,
  noControls,
  noCredential,
  printableAscii,
  SecretNotFetched,
  type Secrets,
  secretOf,
  whose,
} from './secret.js'

export interface ResolvedCredential {
  readonly header?: readonly [name: string, value: string]
  /** As it stands in a form. */
  readonly field?: string
  /** For a registry, or who issues its tokens. */
  readonly basic?: string
  /** Signs each request. */
  readonly sign?: Sign
  /** Texts that must never be shown. */
  readonly secrets: readonly string[]
}

/** The credential of a client: known at once, so that its faults are told before anything is sent; or fetched before each request. */
export interface ClientCredential {
  readonly known: ResolvedCredential | undefined
  resolve(call: Call): Promise<ResolvedCredential>
}

/** @throws {UsageError} see `resolveCredential` */
export function credentialOf(credential: Credential, secrets: Secrets, host: string): ClientCredential {
  if (credential.scheme === 'aws' && 'issued' in credential) {
    const { issued, ...rest } = credential
    return { known: undefined, resolve: async (call) => resolveCredential({ ...rest, ...asSecrets(await issued(call)) }, secrets, host) }
  }
  try {
    const known = resolveCredential(credential, secrets, host)
    return { known, resolve: async () => known }
  } catch (error) {
    if (!(error instanceof SecretNotFetched)) throw error
    return { known: undefined, resolve: () => fetchCredential(credential, secrets, host) }
  }
}

function asSecrets({ accessKeyId, secretAccessKey, sessionToken }: IssuedKeys): AwsAccount {
  return { accessKeyId: { value: accessKeyId }, secretAccessKey: { value: secretAccessKey }, sessionToken: { value: sessionToken } }
}

async function fetchCredential(credential: Credential, secrets: Secrets, host: string): Promise<ResolvedCredential> {
  const fetched = new Map<SecretFunction, string>()
  // A credential has three secrets at most.
  for (;;) {
    try {
      return resolveCredential(credential, secrets, host, fetched)
    } catch (error) {
      if (!(error instanceof SecretNotFetched)) throw error
      fetched.set(error.by, await fetchSecret(error.by))
    }
  }
}

/**
 * @throws {UsageError} a variable that is not set, is empty, is of type File, or holds what no header can carry; a form that no credential
 *   has. No message repeats what may be the secret itself.
 */
export function resolveCredential(
  credential: Credential,
  secrets: Secrets,
  host: string,
  fetched: ReadonlyMap<SecretFunction, string> = new Map(),
): ResolvedCredential {
  const reader = new SecretReader({ secrets, fetched })
  switch (credential.scheme) {
    case 'basic':
      return basic(credential, reader)
    case 'bearer':
      return { header: ['authorization', `Bearer ${reader.text(credential.token)}`], secrets: reader.texts }
    case 'header':
      return { header: [credential.header.toLowerCase(), reader.text(credential.value)], secrets: reader.texts }
    case 'registry':
      return registry(credential, reader, host)
    case 'form':
      return {
        field: `${encodeURIComponent(credential.field)}=${encodeURIComponent(reader.text(credential.value))}`,
        secrets: reader.texts,
      }
    case 'aws':
      if ('issued' in credential) throw new TypeError('issued keys must be requested first')
      return aws(credential, reader)
    case 'google': {
      const sign = googleSign({ accessId: reader.text(credential.accessId), secret: reader.text(credential.secret) })
      return { sign, secrets: reader.texts }
    }
    default:
      throw noCredential('its scheme is not one of basic, bearer, registry, header, form, aws and google')
  }
}

/** Reads the secrets of one credential. */
class SecretReader {
  /** All that it read, which must never be shown. */
  readonly texts: string[] = []
  readonly #known: KnownSecrets

  constructor(known: KnownSecrets) {
    this.#known = known
  }

  text(secret: Secret, grammar: RegExp = printableAscii): string {
    const text = secretOf(secret, this.#known, grammar)
    this.texts.push(text)
    return text
  }
}

type CredentialOf<Scheme extends Credential['scheme']> = Extract<Credential, { readonly scheme: Scheme }>

function basic({ username, password }: CredentialOf<'basic'>, reader: SecretReader): ResolvedCredential {
  // RFC 7617, section 2: the user name ends at the first colon.
  const user = typeof username === 'string' ? username : reader.text(username, noColon)
  // A password may be empty, where everybody has the account.
  const phrase = password === '' ? password : reader.text(typeof password === 'string' ? { value: password } : password, noControls)
  const encoded = Buffer.from(`${user}:${phrase}`).toString('base64')
  return { header: ['authorization', `Basic ${encoded}`], secrets: reader.texts.length === 0 ? [] : [...reader.texts, encoded] }
}

function registry({ account }: CredentialOf<'registry'>, reader: SecretReader, host: string): ResolvedCredential {
  if (account === undefined) return { secrets: [] }
  const [user, phrase] =
    'config' in account
      ? accountIn(reader.text(account.config, fileText), whose(account.config), host)
      : [
          typeof account.username === 'string' ? account.username : reader.text(account.username, noColon),
          reader.text(account.password, noControls),
        ]
  const encoded = Buffer.from(`${user}:${phrase}`).toString('base64')
  return { basic: `Basic ${encoded}`, secrets: [phrase, encoded] }
}

function aws(
  { accessKeyId, secretAccessKey, sessionToken, region, service }: AwsAccount & Pick<CredentialOf<'aws'>, 'region' | 'service'>,
  reader: SecretReader,
): ResolvedCredential {
  const sign = awsSign({
    accessKeyId: reader.text(accessKeyId),
    secretAccessKey: reader.text(secretAccessKey),
    ...(sessionToken !== undefined && { sessionToken: reader.text(sessionToken) }),
    region,
    service,
  })
  return { sign, secrets: reader.texts }
}
