/** Ids as packagecloud.io had them at the end of 2024; those from 9001 on are made up, for distributions whose id is not known. Other servers have others. */
const ids: Readonly<Record<'deb' | 'rpm', Readonly<Record<string, number>>>> = {
  deb: {
    'any/any': 35,
    'ubuntu/xenial': 165,
    'ubuntu/focal': 210,
    'ubuntu/jammy': 237,
    'ubuntu/noble': 284,
    'ubuntu/resolute': 9001,
    'debian/bullseye': 207,
    'debian/bookworm': 215,
    'debian/trixie': 221,
    'debian/duke': 9002,
    'raspbian/bookworm': 290,
    'raspbian/bullseye': 9003,
    'linuxmint/wilma': 9004,
    'elementaryos/circe': 9005,
  },
  rpm: {
    'el/7': 140,
    'el/8': 205,
    'el/9': 240,
    'el/10': 9010,
    'ol/7': 9011,
    'ol/8': 9012,
    'ol/9': 9013,
    'ol/10': 9014,
    'fedora/43': 9015,
    'fedora/44': 9016,
    'rpm_any/rpm_any': 227,
    'amazon/1': 9017,
    'amazon/2': 275,
    'amazon/2023': 276,
    'opensuse/15.6': 282,
    'opensuse/16.0': 9018,
    'sles/15.5': 288,
    'sles/15.6': 296,
    'sles/16.0': 9019,
    'poky/jethro': 9020,
    'scientific/7': 9021,
  },
}

/** Package type to distribution to the id that an upload names. */
export type DistributionTable = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Distributions that packagecloud knows, with their numbers there. */
export const packagecloudDistributions: DistributionTable = ids

/** As `GET /api/v1/distributions.json` has it, with the entries of other types that have no names. */
export function distributionsJson(table: DistributionTable): unknown {
  const types = Object.entries(table).map(([type, versions]) => [type, groupsOf(versions)] as const)
  const deb = types.find(([type]) => type === 'deb')?.[1] ?? []
  return {
    ...Object.fromEntries(types),
    // Sources have the ids of the packages.
    dsc: deb,
    py: [{ display_name: 'Python', index_name: 'python', versions: [{ id: 166, display_name: 'Python' }] }],
    jar: [
      {
        display_name: 'Java',
        index_name: 'java',
        versions: [{ id: 167, display_name: 'Maven 2', index_name: 'maven2', version_number: null }],
      },
    ],
    node: [
      {
        display_name: 'Node.js',
        index_name: 'node',
        versions: [{ id: 191, display_name: 'Node.js', index_name: '1', version_number: null }],
      },
    ],
    anyfile: [{ display_name: 'Any file', index_name: 'anyfile', versions: [{ id: 230, display_name: 'Any file', index_name: '1' }] }],
    helm: [{ display_name: 'Helm', index_name: 'helm', versions: [{ id: 241, display_name: 'Helm v1', index_name: 'v1' }] }],
    alpine: [
      {
        display_name: 'Alpine',
        index_name: 'alpine',
        versions: [{ id: 295, display_name: '3.20', index_name: 'v3.20', version_number: null }],
      },
    ],
  }
}

function groupsOf(versions: Readonly<Record<string, number>>) {
  const groups = new Map<string, unknown[]>()
  for (const [name, id] of Object.entries(versions)) {
    const [distro = '', version = ''] = name.split('/')
    groups.set(distro, [
      ...(groups.get(distro) ?? []),
      { id, display_name: name, index_name: version, version_number: /^\d/.test(version) ? version : null },
    ])
  }
  return [...groups].map(([distro, list]) => ({ display_name: distro, index_name: distro, versions: list }))
}
