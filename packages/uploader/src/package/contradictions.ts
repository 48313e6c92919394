import type { Problem } from '@stagegate/schema'
import { sameMachine } from './architectures.js'
import { distTagFor, distTagIn, formatOf } from './families.js'
import { saidOtherwise } from './file-name.js'
import type { PackageIdentity } from './identity.js'

/** Where a package is to go, as far as the author has said. */
export interface PackageTarget {
  /** `el/9` @default any */
  readonly distribution?: string | undefined
  /** In Debian's or in rpm's words. @default any */
  readonly architecture?: string | undefined
}

/**
 * Where a package contradicts the target it is to be staged for (another format, machine or distribution than it was built for) or its
 * file name. Judges only what is certain; an unknown distribution or machine name is taken as it is.
 * @param file for the messages, and for its extension
 * @returns every contradiction; none when the package may be staged there
 */
export function contradictions(identity: PackageIdentity, target: PackageTarget, file: string): readonly Problem[] {
  return [
    wrongExtension(identity, file) ?? wrongFileName(identity, file),
    wrongFormat(identity, target, file),
    wrongMachine(identity, target, file),
    wrongRelease(identity, target, file),
  ].filter((problem) => problem !== undefined)
}

function wrongExtension({ format, canonicalFile }: PackageIdentity, file: string): Problem | undefined {
  const extension = /\.(deb|rpm)$/i.exec(file)?.[1]?.toLowerCase()
  if (extension === undefined || extension === format) return undefined
  return {
    code: 'package/wrong-extension',
    message: `${file} contains a .${format} package, but its name ends with .${extension}. Let the build name it ${canonicalFile}.`,
  }
}

function wrongFileName(identity: PackageIdentity, file: string): Problem | undefined {
  const said = saidOtherwise(identity, file)
  if (said.length === 0) return undefined
  return {
    code: 'package/wrong-file-name',
    message: `${file} has ${said.join(' and ')} in its name, but its content is ${identity.canonicalFile}. Find out which of the two is right, and correct the build.`,
  }
}

function wrongFormat({ format }: PackageIdentity, { distribution }: PackageTarget, file: string): Problem | undefined {
  const expected = distribution === undefined ? undefined : formatOf(distribution)
  if (expected === undefined || expected === format) return undefined
  return {
    code: 'package/wrong-format',
    message: `${file} is a .${format} package, but ${distribution} installs .${expected} packages. Narrow the target's \`packages\`, or correct its distribution.`,
  }
}

function wrongMachine(identity: PackageIdentity, { architecture }: PackageTarget, file: string): Problem | undefined {
  const found = identity.architecture
  if (architecture === undefined || sameMachine(found, architecture)) return undefined
  if (identity.format === 'rpm' && identity.source) {
    return {
      code: 'package/source-package',
      message: `${file} is a source package (${found}), but the target is for ${architecture}. Narrow the target's \`packages\` to exclude .src.rpm files.`,
    }
  }
  if (sameMachine(found, 'all')) return undefined
  return {
    code: 'package/wrong-architecture',
    message: `${file} is built for ${found}, but the target is for ${architecture}. Narrow the target's \`packages\`, or correct the build or the target's architecture.`,
  }
}

function wrongRelease(identity: PackageIdentity, { distribution }: PackageTarget, file: string): Problem | undefined {
  if (identity.format !== 'rpm' || distribution === undefined) return undefined
  const found = distTagIn(identity.release)
  const expected = distTagFor(distribution)
  if (found === undefined || expected === undefined || found === expected) return undefined
  // Packages built on EL are knowingly offered to Amazon Linux and Fedora; the other way round is a mistake.
  if (found.startsWith('el') && !expected.startsWith('el')) return undefined
  return {
    code: 'package/wrong-release',
    message: `${file} has the release ${identity.release}, built for ${found}, but ${distribution} needs .${expected}. Build it on ${distribution}, or correct the target.`,
  }
}
