/** The package format that a distribution installs, by the part before the slash: `el` of `el/9`. Names as packagecloud and the distributions use them. */
const formats = new Map<string, 'deb' | 'rpm'>([
  ...['any', 'debian', 'elementaryos', 'linuxmint', 'raspbian', 'ubuntu'].map((family) => [family, 'deb'] as const),
  ...[
    'alma',
    'almalinux',
    'amazon',
    'centos',
    'el',
    'fedora',
    'ol',
    'opensuse',
    'poky',
    'rhel',
    'rocky',
    'rpm_any',
    'scientific',
    'sles',
  ].map((family) => [family, 'rpm'] as const),
])

/** `undefined` for a family that is not known here: it may install anything. */
export function formatOf(distribution: string): 'deb' | 'rpm' | undefined {
  return formats.get(familyOf(distribution))
}

// Only where every package of a distribution carries the tag, and its number is the distribution's: `%{dist}` of Fedora, RHEL and their
// rebuilds, and Amazon Linux. SUSE's releases have no such rule.
const distTags = new Map<string, string>([
  ['fedora', 'fc'],
  ['amazon', 'amzn'],
  ...['alma', 'almalinux', 'centos', 'el', 'ol', 'rhel', 'rocky', 'scientific'].map((family) => [family, 'el'] as const),
])

/** The dist tag that rpms for a distribution have: `el9` for `rocky/9.3`. `undefined` where there is no rule. */
export function distTagFor(distribution: string): string | undefined {
  const tag = distTags.get(familyOf(distribution))
  const major = /\/(\d+)/.exec(distribution)?.[1]
  return tag === undefined || major === undefined ? undefined : `${tag}${major}`
}

/** The dist tag in an rpm's release: `el8` in `1.el8_9`; the last one, should there be two. */
export function distTagIn(release: string): string | undefined {
  return [...release.matchAll(/\.((?:el|fc|amzn)\d+)(?=[._]|$)/g)].at(-1)?.[1]
}

function familyOf(distribution: string): string {
  return distribution.split('/', 1)[0] ?? ''
}
