import { machineAtEnd, sameMachine } from './architectures.js'
import type { PackageIdentity } from './identity.js'

/**
 * Where a file's name says something else than the package in it: `version 1.2.4`. A build may name its files as it likes, so only what
 * is surely said is looked at: the machine at the end of a name, and in names of the format's own form (`name_version_arch.deb`,
 * `name-version-release.arch.rpm`) the name and the version, as far as both go.
 */
export function saidOtherwise(identity: PackageIdentity, file: string): readonly string[] {
  const stem = file.toLowerCase().replace(/\.(?:deb|rpm)$/, '')
  // `kfreebsd-amd64` is not amd64.
  const machine = stem.endsWith(identity.architecture) ? undefined : machineAtEnd(stem)
  const { name, version } = (identity.format === 'deb' ? debName : rpmName).exec(stem)?.groups ?? {}
  return [
    ...(name !== undefined && otherName(name, identity.name) ? [`name ${name}`] : []),
    ...(name !== undefined && version !== undefined && otherVersion(`${name} ${version}`, identity) ? [`version ${version}`] : []),
    ...(machine !== undefined && otherMachine(machine, identity.architecture) ? [`architecture ${machine}`] : []),
  ]
}

// A version has a number, a dot and a number: a build's number or date alone is none.
const debName = /^(?<name>[^_]+)_(?:\d+(?::|%3a))?(?<version>\d+\.\d[^_]*)_[^_]+$/
const rpmName = /^(?<name>.+?)-(?<version>\d+\.\d.*)\.[^.-]+$/

/** `My App` may be packaged as `my-app`, and `acme` as `acme-server`. */
function otherName(said: string, name: string): boolean {
  const [one, other] = [said, name.toLowerCase()].map((text) => text.replace(/[^a-z0-9]/g, ''))
  return one !== undefined && other !== undefined && !one.startsWith(other) && !other.startsWith(one)
}

/**
 * Numbers only, up to the first place where a word stands on one side: it may name a system, or be left out. With the name in front,
 * which can end in a number: `acme-2-1.2.3`.
 */
function otherVersion(said: string, { name, version }: PackageIdentity): boolean {
  const [is, says] = [partsOf(`${name} ${version.replace(/^\d+:/, '')}`), partsOf(said)]
  const at = says.findIndex((part, index) => part !== is[index])
  return at >= partsOf(name).length && [says[at], is[at]].every((part) => part !== undefined && /^\d/.test(part))
}

/** Numbers and words, without what stands between them: `1.2.3~rc1` and `1.2.3-rc.1` are the same. */
function partsOf(text: string): readonly string[] {
  return (text.toLowerCase().match(/\d+|[a-z]+/g) ?? []).map((part) => part.replace(/^0+(?=\d)/, ''))
}

function otherMachine(said: string, architecture: string): boolean {
  return !sameMachine(said, architecture) && !sameMachine(architecture, 'all')
}
