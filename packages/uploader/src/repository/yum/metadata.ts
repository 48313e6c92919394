import { inAttribute } from './escape.js'
import { type Kind, ofEach, type PerKind, roots } from './kinds.js'
import type { Attributes } from './xml.js'
import type { YumPackage } from './yum-package.js'

/** All contents of a repository's three documents. */
export interface Metadata {
  /** The attributes of each document's root, without the number of packages. */
  readonly attributes: PerKind<Attributes>
  readonly packages: readonly YumPackage[]
}

/** A repository without packages. */
export const noMetadata: Metadata = { attributes: ofEach((kind) => roots[kind].attributes), packages: [] }

/** A package that was not added: clients would see only one of the two. */
interface Conflict {
  readonly added: YumPackage
  /** Already in the repository, or added before: a different file with the same name, version and architecture. */
  readonly present: YumPackage
}

/** The outcome of an addition. */
export interface Merged {
  /** All packages from before, as they were, and those that were added. */
  readonly metadata: Metadata
  /** The added packages whose checksum was already listed, wherever their files are: nothing changed for them. */
  readonly present: readonly YumPackage[]
  /** A package under a checksum of another type counts as a different file, since it is unknown whether it is the same. */
  readonly conflicts: readonly Conflict[]
}

/**
 * Adds packages to a repository. Nothing that was listed before is removed or changed, and existing duplicates stay. The order of packages
 * depends only on the packages, so equal sets give equal documents.
 */
export function mergePackages(before: Metadata, added: readonly YumPackage[]): Merged {
  const byIdentity = new Map<string, YumPackage>()
  const byChecksum = new Set<string>()
  const remember = (one: YumPackage) => {
    const identity = identityOf(one)
    if (!byIdentity.has(identity)) byIdentity.set(identity, one)
    byChecksum.add(checksumOf(one))
  }
  for (const one of before.packages) remember(one)
  const [fresh, present, conflicts]: [YumPackage[], YumPackage[], Conflict[]] = [[], [], []]
  // Sorted, so that the order of arrival does not matter.
  for (const one of inOrder(added)) {
    const other = byIdentity.get(identityOf(one))
    if (byChecksum.has(checksumOf(one))) present.push(one)
    else if (other !== undefined) conflicts.push({ added: one, present: other })
    else {
      remember(one)
      fresh.push(one)
    }
  }
  return { metadata: { ...before, packages: inOrder([...before.packages, ...fresh]) }, present, conflicts }
}

/** A client sees one of two packages with the same identity. */
function identityOf({ name, epoch, version, release, arch }: YumPackage): string {
  return [name, epoch, version, release, arch].join('\0')
}

function checksumOf({ checksum: { type, value } }: YumPackage): string {
  return `${type}:${value}`
}

/** By character codes: clients compare versions, and do not rely on the order. */
function inOrder(packages: readonly YumPackage[]): readonly YumPackage[] {
  const keyed = packages.map((one) => ({ one, key: [identityOf(one), checksumOf(one), one.href, one.base ?? ''].join('\0') }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ one }) => one)
}

const lineFeed = Buffer.from('\n')

/** Writes one of the documents: each package unchanged, on separate lines. One after another they need less memory than all at once. */
export function writeDocument({ attributes, packages }: Metadata, kind: Kind): Buffer {
  const { name } = roots[kind]
  const all = Object.entries(attributes[kind]).map(([name, value]) => ` ${name}="${inAttribute(value)}"`)
  const start = `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${all.join('')} packages="${packages.length}">\n`
  const lines = packages.flatMap(({ elements }) => [elements[kind], lineFeed])
  return Buffer.concat([Buffer.from(start), ...lines, Buffer.from(`</${name}>\n`)])
}
