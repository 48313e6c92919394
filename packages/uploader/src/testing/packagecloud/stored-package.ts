import type { Identity } from './read-package.js'

/** The length and the digests of a file, in hexadecimal. */
export interface Digests {
  /** Bytes. */
  readonly size: number
  /** 32 digits. */
  readonly md5: string
  /** 40 digits. */
  readonly sha1: string
  /** 64 digits. */
  readonly sha256: string
  /** 128 digits. */
  readonly sha512: string
}

/** A package that the server has, and how often it was looked at or for. */
export interface StoredPackage {
  /** Its number on the server. */
  readonly id: number
  /** `account/name` */
  repository: string
  /** Of the distribution: `ubuntu/jammy`. */
  readonly distribution: string
  /** Who the package says it is. */
  readonly identity: Identity
  /** The server's name for it. */
  readonly file: string
  /** The digests of its bytes. */
  readonly digests: Digests
  /** Where its bytes are. */
  readonly path: string
  /** When it was taken. */
  readonly createdAt: string
  /** How often it was looked up. */
  looks: number
  /** How many lists did not have it yet. */
  missed: number
  /** How many had it. */
  listed: number
}

/** Which things the server takes its time for, counted in looks at a package. */
export interface Lags {
  /** How many looks see `sha256sum: null`. @default 0 */
  readonly digestAfter?: number | undefined
  /** How many looks see `indexed: false`. @default 0 */
  readonly indexedAfter?: number | undefined
  /** How many lists that would have it do not. @default 0 */
  readonly listedAfter?: number | undefined
  /** After how many lists that have it, it is lost. @default never */
  readonly lostAfter?: number | undefined
}

/** From where and how a package is shown. */
export interface View {
  readonly origin: string
  readonly private: boolean
  readonly lags: Lags
}

/** As a list has it (PackageFragment). */
export function fragment(stored: StoredPackage, { origin, lags, private: hidden }: View): Record<string, unknown> {
  const { identity, repository, distribution, file, digests, createdAt } = stored
  const { epoch, version, release } = versionOf(identity)
  const look = stored.looks++
  const named = `${repository}/${distribution}/${encodeURIComponent(file)}`
  const api = `/api/v1/repos/${named}`
  return {
    name: identity.name,
    distro_version: distribution,
    created_at: createdAt,
    version,
    release,
    epoch,
    scope: null,
    architecture: identity.architecture,
    private: hidden,
    type: identity.format,
    filename: file,
    uploader_name: repository.split('/', 1)[0],
    indexed: look >= (lags.indexedAfter ?? 0),
    sha256sum: look >= (lags.digestAfter ?? 0) ? digests.sha256 : null,
    repository_html_url: `/${repository}`,
    package_url: showPath(stored),
    package_html_url: `/${repository}/packages/${distribution}/${encodeURIComponent(file)}`,
    downloads_detail_url: `${api}/stats/downloads/detail.json`,
    downloads_series_url: `${api}/stats/downloads/series/daily.json`,
    downloads_count_url: `${api}/stats/downloads/count.json`,
    download_url: `${origin.replace('://', `://${readTokenOf(repository)}:@`)}/${repository}/packages/${distribution}/${encodeURIComponent(file)}/download`,
    promote_url: `${api}/promote.json`,
    destroy_url: api,
  }
}

/** As the package's own address has it (PackageDetails). */
export function details(stored: StoredPackage, view: View): Record<string, unknown> {
  const { repository, digests, identity } = stored
  const row = fragment(stored, view)
  const known = row['sha256sum'] !== null
  return {
    ...row,
    repository: repository.split('/')[1],
    size: String(digests.size),
    summary: identity.name,
    description: identity.name,
    dependencies: [],
    md5sum: known ? digests.md5 : null,
    sha1sum: known ? digests.sha1 : null,
    sha512sum: known ? digests.sha512 : null,
    licenses: [],
    repository_url: `/api/v1/repos/${repository}.json`,
    total_downloads_count: 0,
    self_url: row['package_url'],
  }
}

/** The token in `download_url`. It must never be seen anywhere. */
export function readTokenOf(repository: string): string {
  return `read-token-of-${repository.replace('/', '-')}`
}

export function showPath({ repository, distribution, identity }: Pick<StoredPackage, 'repository' | 'distribution' | 'identity'>): string {
  const { version, release } = versionOf(identity)
  const complete = release === null ? version : identity.format === 'deb' ? `${version}-${release}` : `${version}/${release}`
  return `/api/v1/repos/${repository}/package/${identity.format}/${distribution}/${identity.name}/${identity.architecture}/${complete}.json`
}

/** The parts that the API has apart: `1:1.0-7` is epoch 1, version 1.0, release 7 (Debian policy 5.6.12; the last hyphen counts). */
function versionOf({ version }: Identity): { epoch: string | null; version: string; release: string | null } {
  const [, epoch = null, upstream = version, release = null] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(version) ?? []
  return { epoch, version: upstream, release }
}
