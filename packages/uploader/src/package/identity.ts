import { PackageCoordinates } from '@stagegate/schema/validator'
import * as v from 'valibot'
import { shown } from '../contract/shown.js'
import { malformed } from './error.js'

/** The facts that packages of both formats state. */
export interface PackageFacts {
  /** The package's name. */
  readonly name: string
  /** Complete, as coordinates have it: `epoch:upstream-revision` of a .deb, `epoch:version-release` of an .rpm; without an epoch where there is none. */
  readonly version: string
  /** As the format calls it: `amd64`, `x86_64`, `all`, `noarch`. */
  readonly architecture: string
  /** The file name that the format's own tools give it; never with the epoch. */
  readonly canonicalFile: string
}

/** A Debian package. */
export interface DebIdentity extends PackageFacts {
  readonly format: 'deb'
}

/** An RPM package. */
export interface RpmIdentity extends PackageFacts {
  readonly format: 'rpm'
  /** The last part of the version, which often names a distribution: `1.el9`. */
  readonly release: string
  /** A source package; its architecture is `src`, or `nosrc` where sources are left out. */
  readonly source: boolean
}

/** Who a package says it is, from inside the file. */
export type PackageIdentity = DebIdentity | RpmIdentity

/**
 * Holds an identity to the grammar of coordinates, which is the narrower one: what passes here passes in every document and URL.
 * @throws {PackageError} `package/malformed`
 */
export function fitting<I extends PackageIdentity>(identity: I, file: string): I {
  const { name, version, architecture, file: fileName } = PackageCoordinates.entries
  const fields = [
    [name, identity.name],
    [version, identity.version],
    [architecture, identity.architecture],
    [fileName, identity.canonicalFile],
  ] as const
  for (const [grammar, value] of fields) {
    const result = v.safeParse(grammar, value)
    if (!result.success) throw malformed(file, result.issues[0].message, shown(value))
  }
  return identity
}
