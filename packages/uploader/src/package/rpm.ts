import { shown } from '../contract/shown.js'
import { exactly, mustReach, type PackageBytes, view } from './bytes.js'
import { malformed } from './error.js'
import { fitting, type RpmIdentity } from './identity.js'
import { int32, int64, mainHeader, numberAt, type RpmHeader, readHeader, signatureHeader, stringArray, stringAt } from './rpm-header.js'

export const rpmMagic = Uint8Array.of(0xed, 0xab, 0xee, 0xdb)
const leadSize = 96
/** The first part of a lead's version. */
const leadVersions: readonly number[] = [3, 4]
/** In the lead: a source package. */
const sourceLead = 1
/** In the lead: what comes next is a signature header. The only kind since rpm 3. */
const headerSignature = 5

// include/rpm/rpmtag.h
const tag = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  architecture: 1022,
  sourceRpm: 1044,
  noSource: 1051,
  noPatch: 1052,
  oldFileNames: 1027,
  sourcePackage: 1106,
  folders: 1118,
} as const
/** In the signature header: the size of header and payload together, in 32 and in 64 bits. */
const signatureTag = { size: 1000, longSize: 270 } as const

/**
 * Reads a few hundred bytes: the lead, two indexes, five values. The payload is not read, but it must all be there.
 * @throws {PackageError} when it is not a package of format version 3, 4 or 6
 */
export async function inspectRpm(from: PackageBytes): Promise<RpmIdentity> {
  const { header, isSourceLead } = await openRpm(from)
  return identifyRpm(from, header, isSourceLead)
}

/** An rpm whose two headers hold to the rules. */
export interface OpenRpm {
  readonly signature: RpmHeader
  readonly header: RpmHeader
  /** Where the header begins in the file. */
  readonly start: number
  readonly isSourceLead: boolean
}

/** @throws {PackageError} as `inspectRpm` does */
export async function openRpm(from: PackageBytes): Promise<OpenRpm> {
  const lead = view(await exactly(from, 0, leadSize, 'the lead of an rpm'))
  // All that rpm itself still looks at in the lead.
  const [major, signatureType] = [lead.getUint8(4), lead.getUint16(78)]
  if (!leadVersions.includes(major) || signatureType !== headerSignature)
    throw malformed(
      from.file,
      `version ${leadVersions.join(' or ')} and signature type ${headerSignature} in the lead`,
      `${major} and ${signatureType}`,
    )
  const signature = await readHeader(from, leadSize, signatureHeader)
  const start = Math.ceil(signature.end / 8) * 8
  const header = await readHeader(from, start, mainHeader)

  const announced =
    (await numberAt(from, signature, { tag: signatureTag.longSize, type: int64, what: 'package size' })) ??
    (await numberAt(from, signature, { tag: signatureTag.size, type: int32, what: 'package size' }))
  if (announced !== undefined) mustReach(from, start + announced, `${announced} bytes of header and payload`)
  return { signature, header, start, isSourceLead: lead.getUint16(6) === sourceLead }
}

export async function identifyRpm(from: PackageBytes, header: RpmHeader, isSourceLead: boolean): Promise<RpmIdentity> {
  const part = async (at: number, what: string, grammar: RegExp): Promise<string> => {
    const value = await stringAt(from, header, at, what)
    if (!grammar.test(value)) throw malformed(from.file, `a ${what} of letters, digits and its format's signs`, shown(value))
    return value
  }
  // rpm-packages(7). A dash would move the border between version and release.
  const name = await part(tag.name, 'name', /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/)
  const version = await part(tag.version, 'version', /^[A-Za-z0-9][A-Za-z0-9._+~^]*$/)
  const release = await part(tag.release, 'release', /^[A-Za-z0-9][A-Za-z0-9._+~^]*$/)
  const epoch = (await numberAt(from, header, { tag: tag.epoch, type: int32, what: 'epoch' })) ?? 0
  const built = await part(tag.architecture, 'architecture', /^[a-z0-9][a-z0-9_]*$/)

  // A source package's header has the architecture of the machine that made it. With both marks, or with neither, it is one to some
  // versions of rpm and none to others.
  const [marked, builtFrom] = [header.entries.has(tag.sourcePackage), header.entries.has(tag.sourceRpm)]
  const source = marked || (!builtFrom && isSourceLead && (await hasFilesOfSource(from, header)))
  if (source === builtFrom) throw malformed(from.file, 'the name of the source package, or the mark of one', source ? 'both' : 'neither')
  const incomplete = header.entries.has(tag.noSource) || header.entries.has(tag.noPatch)
  const architecture = source ? (incomplete ? 'nosrc' : 'src') : built
  return fitting(
    {
      format: 'rpm',
      name,
      version: `${epoch === 0 ? '' : `${epoch}:`}${version}-${release}`,
      release,
      architecture,
      source,
      canonicalFile: `${name}-${version}-${release}.${architecture}.rpm`,
    },
    from.file,
  )
}

/**
 * Whether its files are those of a source package: all in one folder without a name. So rpm tells packages of the time before there was
 * a mark (lib/header.c, headerIsSourceHeuristic; lib/package.c, applyRetrofits; compressFilelist for the oldest).
 */
async function hasFilesOfSource(from: PackageBytes, header: RpmHeader): Promise<boolean> {
  const old = header.entries.get(tag.oldFileNames)
  const folders = header.entries.get(tag.folders)
  const list = old ?? folders
  if (list?.type !== stringArray || (old === undefined && list.count !== 1)) return false
  const [first] = await exactly(from, header.store + list.offset, 1, 'the names of files')
  return old === undefined ? first === 0 : first !== slash
}
const slash = 0x2f
