import type { PackageIdentity } from './identity.js'

/**
 * Whether a package is of this version of the release: its upstream version is the release's, as Debian and RPM have to write it. `-rc1` may
 * be `~rc1` or `_rc1`, `+ee.0` may be in the revision; the epoch and what else is in the revision are the packager's.
 */
export function isOfRelease({ format, version }: Pick<PackageIdentity, 'format' | 'version'>, release: string): boolean {
  const wanted = plain(release.replace(/^v(?=\d)/, ''))
  const [upstream, revision] = parts(version.replace(/^\d+:/, ''))
  // Fedora's older way to write 1.2.3-rc1: version 1.2.3, release 0.1.rc1.
  const revisions = format === 'rpm' ? [revision, revision.replace(/^0\.\d+\./, '')] : [revision]
  return (
    (plain(upstream) === wanted && !revisions.some(isEarly)) ||
    revisions.some((one) => spans(wanted, plain(upstream), plain(`${upstream}-${one}`)))
  )
}

/** A candidate of a version is not that version, though Debian would read it as a revision. */
function isEarly(revision: string): boolean {
  return /^(?:rc|alpha|beta|pre|dev|nightly)/i.test(revision)
}

function parts(version: string): readonly [upstream: string, revision: string] {
  const at = version.lastIndexOf('-')
  return at < 0 ? [version, ''] : [version.slice(0, at), version.slice(at + 1)]
}

/** Whether the release's version is more than the upstream one, and ends within the revision, between two words. */
function spans(wanted: string, upstream: string, whole: string): boolean {
  if (wanted === upstream || !wanted.startsWith(upstream) || !whole.startsWith(wanted)) return false
  const [last, next] = [wanted.at(-1) ?? '', whole.at(wanted.length) ?? '']
  return !/^(?:\d\d|[a-z]{2})$/.test(last + next)
}

/** Numbers and words, and between two numbers a dot or another mark: `1.2.0-rc.1` and `1.2.0~rc1` are the same. */
function plain(version: string): string {
  const tokens = [...version.toLowerCase().matchAll(/([^\da-z]*)(\d+|[a-z]+)/g)]
  return tokens
    .map(([, mark = '', token = ''], index) => {
      const text = token.replace(/^0+(?=\d)/, '')
      const afterNumber = /^\d/.test(tokens[index - 1]?.[2] ?? '')
      return `${afterNumber && /^\d/.test(token) ? (mark === '.' ? '.' : '-') : ''}${text}`
    })
    .join('')
}
