import { broken, reading } from './broken.js'
import { attributeOf, checksumIn, onlyField, wholeNumber } from './fields.js'
import { type Kind, type PerKind, roots } from './kinds.js'
import type { Metadata } from './metadata.js'
import { readMany } from './plain.js'
import type { Attributes, Child } from './xml.js'
import type { YumPackage } from './yum-package.js'

/**
 * Reads the documents of a repository. Each package keeps its bytes, whichever tool wrote them; each root keeps its attributes, which may
 * declare names that the packages use.
 * @param documents unpacked
 * @throws {IndexBroken} if one is not well-formed, has anything but packages, or the three do not list the same packages
 */
export function readMetadata(documents: PerKind<Uint8Array>): Metadata {
  const filelists = new Listed('filelists', documents.filelists)
  const other = new Listed('other', documents.other)
  const packages: YumPackage[] = []
  const attributes = readPackages('primary', documents.primary, wanted, (child) => {
    const facts = factsOf(child)
    const pkgid = facts.checksum.value
    packages.push({ ...facts, elements: { primary: child.bytes, filelists: filelists.take(pkgid), other: other.take(pkgid) } })
  })
  filelists.mustBeTaken()
  other.mustBeTaken()
  return { attributes: { primary: attributes, filelists: filelists.attributes, other: other.attributes }, packages }
}

/** The packages of a document, which primary has to list, too. */
class Listed {
  readonly attributes: Attributes
  readonly #kind: Kind
  readonly #left = new Map<string, Uint8Array[]>()

  constructor(kind: 'filelists' | 'other', document: Uint8Array) {
    this.#kind = kind
    this.attributes = readPackages(kind, document, new Set(), (child) => {
      const pkgid = attributeOf(child, 'pkgid').toLowerCase()
      const same = this.#left.get(pkgid)
      if (same === undefined) this.#left.set(pkgid, [child.bytes])
      else same.push(child.bytes)
    })
  }

  /** A file in two places is listed twice in each document. */
  take(pkgid: string): Uint8Array {
    const same = this.#left.get(pkgid)
    const first = same?.shift()
    if (same?.length === 0) this.#left.delete(pkgid)
    if (first === undefined) throw broken(this.#kind, `primary lists package ${pkgid}, but it does not`)
    return first
  }

  mustBeTaken(): void {
    for (const pkgid of this.#left.keys()) throw broken(this.#kind, `it lists package ${pkgid}, but primary does not`)
  }
}

function readPackages(kind: Kind, document: Uint8Array, fields: ReadonlySet<string>, onPackage: (child: Child) => void): Attributes {
  return reading(kind, () => {
    const onChild = (child: Child) => {
      if (child.name !== 'package') throw new Error(`it has <${child.name}> among its packages`)
      onPackage(child)
    }
    const { packages: _, ...attributes } = readMany(document, { root: roots[kind].name, fields, onChild }, 'package')
    for (const [name, value] of Object.entries(roots[kind].attributes)) {
      // A tool that needs no such names does not have to declare them.
      if (attributes[name] !== value && (name === 'xmlns' || attributes[name] !== undefined))
        throw new Error(`${name} of <${roots[kind].name}> is not ${value}`)
    }
    return { ...roots[kind].attributes, ...attributes }
  })
}

const wanted: ReadonlySet<string> = new Set(['name', 'arch', 'version', 'checksum', 'size', 'location'])

function factsOf(child: Child): Omit<YumPackage, 'elements'> {
  if (attributeOf(child, 'type') !== 'rpm') throw new Error(`a package is of type ${child.attributes['type']}`)
  const field = (name: string) => onlyField(child, name)
  const version = field('version')
  const location = field('location')
  const size = child.fields.find(({ name }) => name === 'size')?.attributes['package']
  return {
    checksum: checksumIn(field('checksum')),
    name: field('name').text,
    epoch: version.attributes['epoch'] || '0',
    version: attributeOf(version, 'ver'),
    release: version.attributes['rel'] ?? '',
    arch: field('arch').text,
    href: attributeOf(location, 'href'),
    base: location.attributes['xml:base'],
    size: size === undefined ? undefined : wholeNumber(size, 'the size of a package'),
  }
}
