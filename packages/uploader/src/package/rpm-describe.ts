import { outsideXml } from '../contract/outside-xml.js'
import { shown } from '../contract/shown.js'
import type { PackageBytes } from './bytes.js'
import { malformed, tooLarge } from './error.js'
import type { RpmIdentity } from './identity.js'
import { identifyRpm, type OpenRpm, openRpm } from './rpm.js'
import { int16, int32, int64, numberAt } from './rpm-header.js'
import { type RpmTag, RpmValues } from './rpm-values.js'

/** Everything that an index of a repository lists of an rpm. Texts are as the package has them, decoded. */
export interface RpmDescription {
  readonly identity: RpmIdentity
  readonly epoch: number
  /** The version without epoch and release. */
  readonly upstream: string
  /** `''` where the package does not say it. */
  readonly texts: Readonly<Record<keyof typeof textTags, string>>
  /** When it was built, in seconds since 1970; 0 where it does not say so. */
  readonly built: number
  /** In bytes: all files installed, and the payload unpacked. 0 where it does not say so. */
  readonly size: { readonly installed: number; readonly archive: number }
  /** Where the main header lies in the file. In bytes. */
  readonly header: { readonly start: number; readonly end: number }
  readonly dependencies: Readonly<Record<RpmDependencyKind, readonly RpmDependency[]>>
  readonly files: readonly RpmFile[]
  /** In the order of the header: the newest first. */
  readonly changes: readonly RpmChange[]
}

type RpmDependencyKind = keyof typeof dependencyTags

export interface RpmDependency {
  readonly name: string
  /** The comparison, and when it is needed (include/rpm/rpmds.h, rpmsenseFlags). */
  readonly flags: number
  /** `epoch:version-release`, with as many parts as were given; `''` for any. */
  readonly version: string
}

interface RpmFile {
  readonly path: string
  readonly type: 'file' | 'dir' | 'ghost'
}

export interface RpmChange {
  readonly author: string
  /** In seconds since 1970. */
  readonly time: number
  readonly text: string
}

// include/rpm/rpmtag.h
const textTags = {
  summary: [1004, 'summary'],
  description: [1005, 'description'],
  buildHost: [1007, 'build host'],
  vendor: [1011, 'vendor'],
  license: [1014, 'licence'],
  packager: [1015, 'packager'],
  group: [1016, 'group'],
  url: [1020, 'URL'],
  sourceRpm: [1044, 'source package'],
} as const satisfies Record<string, RpmTag>

/** Names, flags, versions. */
const dependencyTags = {
  provides: [1047, 1112, 1113],
  requires: [1049, 1048, 1050],
  conflicts: [1054, 1053, 1055],
  obsoletes: [1090, 1114, 1115],
  recommends: [5046, 5048, 5047],
  suggests: [5049, 5051, 5050],
  supplements: [5052, 5054, 5053],
  enhances: [5055, 5057, 5056],
} as const

const tag = {
  upstream: [1001, 'version'],
  oldFileNames: [1027, 'names of files'],
  fileModes: [1030, 'modes of files'],
  fileFlags: [1037, 'flags of files'],
  fileFolders: [1116, 'folders of files'],
  fileNames: [1117, 'names of files'],
  folders: [1118, 'names of folders'],
  changeTimes: [1080, 'times of changes'],
  changeAuthors: [1081, 'authors of changes'],
  changes: [1082, 'texts of changes'],
} as const satisfies Record<string, RpmTag>

const typeOfFile = { mask: 0o170000, folder: 0o040000 } as const
const ghostFlag = 1 << 6
/** PATH_MAX of Linux: rpm installs no longer one. */
const longestPath = 4096
/** In characters, of all paths: a folder's name stands once in the header, and once for each of its files here. */
const mostInPaths = 64 * 1024 * 1024

/**
 * Reads the values of the main header that an index lists, at most 64 MiB. The payload is not read.
 * @throws {PackageError} as `inspectRpm` does; where lists that belong together differ in length, or a name cannot stand in XML
 */
export async function describeRpm(from: PackageBytes): Promise<RpmDescription> {
  const open = await openRpm(from)
  const { header, start, isSourceLead } = open
  const identity = await identifyRpm(from, header, isSourceLead)
  const values = new RpmValues(from, header)
  const number = async (tag: number, what: string) => (await numberAt(from, header, { tag, type: int32, what })) ?? 0
  return {
    identity,
    epoch: await number(1003, 'epoch'),
    upstream: await values.text(tag.upstream),
    texts: await ofEach(textTags, (one) => values.text(one)),
    built: await number(1006, 'time of the build'),
    size: await sizesOf(from, open),
    header: { start, end: header.end },
    dependencies: await ofEach(dependencyTags, (tags, kind) => dependenciesOf(from.file, values, kind, tags)),
    files: await filesOf(from.file, values),
    changes: await changesOf(from.file, values),
  }
}

/** One after another, which keeps the count of what was read right. */
async function ofEach<K extends string, T, R>(table: Readonly<Record<K, T>>, read: (of: T, key: K) => Promise<R>): Promise<Record<K, R>> {
  const entries: [string, R][] = []
  for (const key in table) entries.push([key, await read(table[key], key)])
  // The keys are those of the table.
  return Object.fromEntries(entries) as Record<K, R>
}

/** The size of the payload stands in the signature header, and rpm reads it from there (lib/package.c, headerMergeLegacySigs). */
async function sizesOf(from: PackageBytes, { header, signature }: OpenRpm): Promise<RpmDescription['size']> {
  const what = 'size of the files'
  const archive = 'size of the payload'
  return {
    installed:
      (await numberAt(from, header, { tag: 5009, type: int64, what })) ??
      (await numberAt(from, header, { tag: 1009, type: int32, what })) ??
      0,
    archive:
      (await numberAt(from, signature, { tag: 271, type: int64, what: archive })) ??
      (await numberAt(from, signature, { tag: 1007, type: int32, what: archive })) ??
      0,
  }
}

async function dependenciesOf(
  file: string,
  values: RpmValues,
  kind: string,
  [nameTag, flagTag, versionTag]: readonly [number, number, number],
): Promise<readonly RpmDependency[]> {
  const names = await values.texts([nameTag, kind])
  const flags = await values.numbers([flagTag, `flags of ${kind}`], int32)
  const versions = await values.texts([versionTag, `versions of ${kind}`])
  // rpm before 3.0 had provides without versions.
  if (flags === undefined && versions === undefined) return (names ?? []).map((name) => dependency(file, { name, flags: 0, version: '' }))
  sameLength(file, `names, flags and versions of ${kind}`, names, flags, versions)
  return (names ?? []).map((name, at) => dependency(file, { name, flags: flags?.[at] ?? 0, version: versions?.[at] ?? '' }))
}

function dependency(file: string, { name, flags, version }: RpmDependency): RpmDependency {
  mustStandInXml(file, name)
  mustStandInXml(file, version)
  const epoch = version.includes(':') ? version.slice(0, version.indexOf(':')) : ''
  // createrepo_c leaves such a dependency out, which lets packages be installed that do not work.
  if (!/^\d*$/.test(epoch)) throw malformed(file, `a number before the colon in the version of ${shown(name)}`, shown(version))
  return { name, flags, version }
}

async function filesOf(file: string, values: RpmValues): Promise<readonly RpmFile[]> {
  const paths = await pathsOf(file, values)
  const modes = (await values.numbers(tag.fileModes, int16)) ?? []
  const flags = (await values.numbers(tag.fileFlags, int32)) ?? []
  sameLength(file, 'names, modes and flags of files', paths, modes, flags)
  return paths.map((path, at) => {
    const isFolder = ((modes[at] ?? 0) & typeOfFile.mask) === typeOfFile.folder
    return { path, type: isFolder ? 'dir' : ((flags[at] ?? 0) & ghostFlag) !== 0 ? 'ghost' : 'file' }
  })
}

async function pathsOf(file: string, values: RpmValues): Promise<readonly string[]> {
  const names = await values.texts(tag.fileNames)
  const folders = (await values.texts(tag.folders)) ?? []
  const folderOf = (await values.numbers(tag.fileFolders, int32)) ?? []
  const old = await values.texts(tag.oldFileNames)
  if (names !== undefined && old !== undefined) throw malformed(file, 'the names of files, whole or by folder', 'both')
  let left = mostInPaths
  const path = (text: string): string => {
    left -= text.length
    if (left < 0) throw tooLarge(file, `paths of at most ${mostInPaths} characters together`, 'more')
    if (text.length >= longestPath) throw tooLarge(file, `a path of less than ${longestPath} characters`, `${text.length}`)
    mustStandInXml(file, text)
    return text
  }
  if (names === undefined) return (old ?? []).map(path)
  sameLength(file, 'names and folders of files', names, folderOf)
  return names.map((name, at) => {
    const folder = folders[folderOf[at] ?? 0]
    if (folder === undefined) throw malformed(file, `the folder of each file among ${folders.length}`, `number ${folderOf[at]}`)
    return path(`${folder}${name}`)
  })
}

async function changesOf(file: string, values: RpmValues): Promise<readonly RpmChange[]> {
  const times = (await values.numbers(tag.changeTimes, int32)) ?? []
  const authors = (await values.texts(tag.changeAuthors)) ?? []
  const texts = (await values.texts(tag.changes)) ?? []
  sameLength(file, 'times, authors and texts of changes', times, authors, texts)
  return texts.map((text, at) => ({ text, author: authors[at] ?? '', time: times[at] ?? 0 }))
}

function sameLength(file: string, what: string, ...lists: readonly (readonly unknown[] | undefined)[]): void {
  const lengths = lists.map((list) => list?.length ?? 0)
  if (new Set(lengths).size > 1) throw malformed(file, `as many ${what}`, lengths.join(', '))
}

/** Others leave the character out and list another name, or leave the package out of their index. */
function mustStandInXml(file: string, name: string): void {
  if (outsideXml.test(name)) throw malformed(file, 'names without control characters', shown(name))
}
