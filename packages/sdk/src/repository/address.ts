import { canonical, type JsonObject, parseUrl } from '@stagegate/schema'
import type { Secret } from '../secret.js'
import { certificatesOf } from './certificates.js'

export type Format = 'deb' | 'rpm' | 'file' | 'image'

/** Where a repository is and which credentials it takes. Plain data: it ends up in the plan, with the variables' names only. */
export interface RepositoryAddress {
  /** The kind of repository: `directory`, or one of your own, which `module` brings. */
  readonly type: string
  /**
   * The file that brings a type of your own, from the project's folder: `./s3.mjs`. Its default export is a `RepositoryModule` of
   * `@stagegate/uploader`. It is one file that imports nothing but `node:` modules, so bundle what it needs. `synth` writes its sha256 into
   * the plan, `prepare` passes it on, and jobs load no other bytes; it runs with their credentials. @default none: the command has the type
   */
  readonly module?: string | undefined
  /** Scheme, host and port; the only place that the credentials go to. Empty for a directory. */
  readonly origin: string
  /** The authorities that vouch for the origin, as PEM text. @default the public ones */
  readonly ca?: string | undefined
  readonly formats: readonly Format[]
  readonly read: readonly Secret[]
  readonly write: readonly Secret[]
  readonly settings: JsonObject
  /** The page of releases of its project on GitLab, where a release is announced when all of it is public. @default none */
  readonly page?: AddressPage | undefined
}

/** The entries that releases get on a page of releases. */
export interface AddressPage {
  /** The file with the notes, from the project's folder. @default the tag's message */
  readonly notes?: string | undefined
  /** The branch on which the tag is made, in another project that does not have it. @default the tag is there */
  readonly ref?: string | undefined
}

/** The settings that say where a repository is; the others say who asks, or how. */
const placeSettings: ReadonlyMap<string, readonly string[]> = new Map([
  ['registry', ['prefix']],
  ['s3', ['bucket', 'prefix']],
  ['gcs', ['bucket', 'prefix']],
  ['apt', ['on', 'path']],
  ['yum', ['on', 'path']],
  ['files', ['on', 'path']],
  ['http-files', ['path']],
])

/** A repository's place in words, whatever credentials are used. */
export function placeOf({ type, origin, settings }: RepositoryAddress): string {
  const parts = [...(placeSettings.get(type) ?? Object.keys(settings))]
    .sort()
    .flatMap((key) => (settings[key] === undefined ? [] : [`${key}=${canonical(settings[key])}`]))
  return [type, origin, ...parts].filter((part) => part !== '').join(' ')
}

/** The certificate settings of a server's address. */
export interface TrustOptions {
  /**
   * PEM text of the certificate authorities that vouch for the server, in place of the public ones:
   * `readFileSync('certificates/company.pem', 'utf8')`. It stands in the plan. @default the public authorities
   */
  readonly ca?: string | undefined
}

export function trustOf({ ca }: TrustOptions): { readonly ca?: string } {
  return ca === undefined ? {} : { ca: certificatesOf(ca, 'ca') }
}

/** @throws {TypeError} what is no URL of a host alone */
export function originOf(url: string): string {
  const parsed = parseUrl(url)
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol))
    throw new TypeError(`Expected an http or https URL, got ${JSON.stringify(url)}`)
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '' || parsed.username !== '')
    throw new TypeError('Expected a URL with only a host, without path, query or user')
  return parsed.origin
}
