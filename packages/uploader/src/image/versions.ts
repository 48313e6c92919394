interface Version {
  /** `16.2.0`: the numbers at the beginning. */
  readonly numbers: readonly number[]
  /** Whether it comes before the version with the same numbers: a release candidate, a beta. */
  readonly early: boolean
  /** Numbers and words of the rest. */
  readonly rest: readonly (number | string)[]
}

/** `undefined` if it is not a version: `latest`, a digest. */
export function parseVersion(text: string): Version | undefined {
  const [, core, behind = ''] = /^v?(\d{1,9}(?:\.\d{1,9})*)([-_+~].+)?$/.exec(text) ?? []
  if (core === undefined) return undefined
  return {
    numbers: core.split('.').map(Number),
    early: /(?:^|[^a-z])(?:rc|alpha|beta|pre|preview|dev|nightly)/i.test(behind),
    rest: (behind.match(/\d{1,9}|[a-z]+/gi) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part.toLowerCase())),
  }
}

/** Negative if `a` comes before `b`. */
export function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < Math.max(a.numbers.length, b.numbers.length); index++) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.early !== b.early) return a.early ? -1 : 1
  for (let index = 0; index < Math.max(a.rest.length, b.rest.length); index++) {
    const difference = compareParts(a.rest[index], b.rest[index])
    if (difference !== 0) return difference
  }
  return 0
}

function compareParts(a: number | string | undefined, b: number | string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return a < b ? -1 : 1
}
