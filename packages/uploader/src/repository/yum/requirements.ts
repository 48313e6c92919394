import type { RpmDependency, RpmDescription } from '../../package/rpm-describe.js'
import { compareVersions } from './rpm-version.js'

// include/rpm/rpmds.h, rpmsenseFlags. Before 1.0, createrepo_c left the last two out.
const before = { prereq: 1 << 6, pretrans: 1 << 7, scriptPre: 1 << 9, scriptPost: 1 << 10, posttrans: 1 << 5 } as const
const needsBefore = Object.values(before).reduce((all, flag) => all | flag)

/** Comparisons by their flags: less is 2, greater 4, equal 8. */
const comparisons: Readonly<Record<number, string>> = { 2: 'LT', 4: 'GT', 8: 'EQ', 10: 'LE', 12: 'GE' }

/** How a dependency compares; `undefined` if any version fits. */
export function comparisonOf({ flags }: RpmDependency): string | undefined {
  return comparisons[flags & 15]
}

/** A requirement as an index lists it. */
export interface Requirement extends RpmDependency {
  /** Needed before the package's own scripts run. */
  readonly pre: boolean
}

/** Files that primary lists, so that most dependencies on files are resolved without filelists (createrepo_c, src/misc.h, cr_is_primary). */
export function isInPrimary(path: string): boolean {
  return path.startsWith('/etc/') || path === '/usr/lib/sendmail' || path.includes('bin/')
}

/**
 * The requirements that an index lists. It leaves out what rpm itself provides, files in primary that the package has, what the package
 * provides in the same words, and repetitions. Of glibc's symbols only the highest version stays, and comes last (createrepo_c,
 * src/parsehdr.c).
 */
export function requirementsOf({ dependencies, files }: RpmDescription): readonly Requirement[] {
  const own = new Set(files.map(({ path }) => path))
  const provided = new Set(dependencies.provides.map(wordsOf))
  const last = new Map<string, string>()
  const kept: Requirement[] = []
  let libc: Requirement | undefined
  for (const dependency of dependencies.requires) {
    const { name, flags } = dependency
    if (name.startsWith('rpmlib(') || provided.has(wordsOf(dependency))) continue
    if (name.startsWith('/') && own.has(name) && isInPrimary(name)) continue
    const requirement = { ...dependency, pre: (flags & needsBefore) !== 0 }
    if (name.startsWith('libc.so.6')) {
      if (libc === undefined || isHigher(name, libc.name)) libc = requirement
      continue
    }
    const words = `${requirement.pre} ${wordsOf(dependency)}`
    if (last.get(name) === words) continue
    last.set(name, words)
    kept.push(requirement)
  }
  return libc === undefined ? kept : [...kept, libc]
}

function wordsOf(dependency: RpmDependency): string {
  return `${dependency.name}${comparisonOf(dependency) ?? ''}${dependency.version}`
}

/** Whether one of glibc's symbols is higher than another: `libc.so.6(GLIBC_2.4)(64bit)` than `libc.so.6()(64bit)`. */
function isHigher(name: string, than: string): boolean {
  const [one, other] = [symbolOf(name), symbolOf(than)]
  return one.rank === other.rank ? compareVersions(one.version, other.version) > 0 : one.rank > other.rank
}

/** The version is in the first parentheses, from the first digit on. */
function symbolOf(name: string): { readonly rank: number; readonly version: string } {
  const [, open = '', content, closed] = /^[^(]*(\(?)([^)]*)(\)?)/.exec(name) ?? []
  const version = /\d.*/s.exec(content ?? '')?.[0] ?? ''
  const rank = open === '' ? 0 : closed === undefined ? 1 : content === '' ? 2 : version === '' ? 3 : 4
  return { rank, version: rank === 4 ? version : '' }
}
