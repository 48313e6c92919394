import type { Sha256 } from '@stagegate/schema'
import type { RpmChange, RpmDependency, RpmDescription } from '../../package/rpm-describe.js'
import { inAttribute, inElement } from './escape.js'
import { comparisonOf, isInPrimary, requirementsOf } from './requirements.js'
import type { YumPackage } from './yum-package.js'

/** The place of a package's file, and its bytes. */
export interface PlacedFile {
  readonly sha256: Sha256
  /** In bytes. */
  readonly size: number
  /** The path of the file, from the folder above `repodata`, unencoded: clients encode it. */
  readonly href: string
}

/** createrepo_c's default (src/cmd_parser.c). */
const mostChanges = 10

/**
 * Writes the entries of a package in the three documents as createrepo_c does, except for one value: the file's time is the package's build
 * time. So the same package gives the same bytes, whoever writes them.
 */
export function entryOf(rpm: RpmDescription, file: PlacedFile): YumPackage {
  const { name, source, release, architecture } = rpm.identity
  // A source package without its sources is one, too.
  const arch = source ? 'src' : architecture
  const version = `  <version epoch="${rpm.epoch}" ver="${inAttribute(rpm.upstream)}" rel="${inAttribute(release)}"/>`
  const head = `<package pkgid="${file.sha256}" name="${inAttribute(name)}" arch="${inAttribute(arch)}">`
  const element = (...lines: readonly string[]) => Buffer.from(lines.join('\n'))
  return {
    checksum: { type: 'sha256', value: file.sha256 },
    name,
    epoch: `${rpm.epoch}`,
    version: rpm.upstream,
    release,
    arch,
    href: file.href,
    base: undefined,
    size: file.size,
    elements: {
      primary: element(...primaryOf(rpm, file, arch, version)),
      filelists: element(head, version, ...rpm.files.map((one) => `  ${fileElement(one)}`), '</package>'),
      other: element(head, version, ...changesOf(rpm.changes).map(changeElement), '</package>'),
    },
  }
}

function primaryOf(rpm: RpmDescription, file: PlacedFile, arch: string, version: string): readonly string[] {
  const { texts, built, size, header, dependencies } = rpm
  const text = (name: string, value: string) => `<${name}>${inElement(value)}</${name}>`
  return [
    '<package type="rpm">',
    `  ${text('name', rpm.identity.name)}`,
    `  ${text('arch', arch)}`,
    version,
    `  <checksum type="sha256" pkgid="YES">${file.sha256}</checksum>`,
    `  ${text('summary', texts.summary)}`,
    `  ${text('description', texts.description)}`,
    `  ${text('packager', texts.packager)}`,
    `  ${text('url', texts.url)}`,
    `  <time file="${built}" build="${built}"/>`,
    `  <size package="${file.size}" installed="${size.installed}" archive="${size.archive}"/>`,
    `  <location href="${inAttribute(file.href)}"/>`,
    '  <format>',
    `    ${text('rpm:license', texts.license)}`,
    `    ${text('rpm:vendor', texts.vendor)}`,
    `    ${text('rpm:group', texts.group)}`,
    `    ${text('rpm:buildhost', texts.buildHost)}`,
    `    ${text('rpm:sourcerpm', texts.sourceRpm)}`,
    `    <rpm:header-range start="${header.start}" end="${header.end}"/>`,
    ...relation('provides', dependencies.provides),
    ...relation('requires', requirementsOf(rpm)),
    ...relation('conflicts', dependencies.conflicts),
    ...relation('obsoletes', dependencies.obsoletes),
    ...relation('suggests', dependencies.suggests),
    ...relation('enhances', dependencies.enhances),
    ...relation('recommends', dependencies.recommends),
    ...relation('supplements', dependencies.supplements),
    ...rpm.files.filter(({ path }) => isInPrimary(path)).map((one) => `    ${fileElement(one)}`),
    '  </format>',
    '</package>',
  ]
}

function relation(name: string, entries: readonly (RpmDependency & { readonly pre?: boolean })[]): readonly string[] {
  if (entries.length === 0) return []
  return [`    <rpm:${name}>`, ...entries.filter((one) => one.name !== '').map(relationEntry), `    </rpm:${name}>`]
}

function relationEntry(one: RpmDependency & { readonly pre?: boolean }): string {
  const comparison = comparisonOf(one)
  const version = comparison === undefined ? '' : ` flags="${comparison}"${versionAttributes(one.version)}`
  return `      <rpm:entry name="${inAttribute(one.name)}"${version}${one.pre === true ? ' pre="1"' : ''}/>`
}

/** The existing parts of `epoch:version-release`, with an epoch if there are any. */
function versionAttributes(full: string): string {
  if (full === '') return ''
  const colon = full.indexOf(':')
  const [epoch, rest] = colon === -1 ? ['', full] : [full.slice(0, colon), full.slice(colon + 1)]
  const dash = rest.indexOf('-')
  const [version, release] = dash === -1 ? [rest, ''] : [rest.slice(0, dash), rest.slice(dash + 1)]
  const attribute = (name: string, value: string) => (value === '' ? '' : ` ${name}="${inAttribute(value)}"`)
  return `${attribute('epoch', epoch === '' ? '0' : epoch)}${attribute('ver', version)}${attribute('rel', release)}`
}

function fileElement({ path, type }: RpmDescription['files'][number]): string {
  return `<file${type === 'file' ? '' : ` type="${type}"`}>${inElement(path)}</file>`
}

function changeElement({ author, time, text }: RpmChange): string {
  return `  <changelog author="${inAttribute(author)}" date="${time}">${inElement(text)}</changelog>`
}

/**
 * The newest entries, oldest first. Several on one day are listed a second apart, so that clients that sort by time keep their order
 * (createrepo_c, src/parsehdr.c).
 */
function changesOf(changes: readonly RpmChange[]): readonly RpmChange[] {
  const listed: { author: string; time: number; text: string }[] = []
  let lastTime = 0
  for (const { author, time, text } of changes.slice(0, mostChanges)) {
    const later = listed.toReversed()
    if (time === lastTime) {
      let taken = time
      for (const one of later) {
        if (one.time !== taken) break
        taken = ++one.time
      }
    } else lastTime = time
    listed.push({ author: withoutEnd(author), time, text })
  }
  return listed.toReversed()
}

/** Without trailing spaces, except that one stays if there is nothing else. */
function withoutEnd(author: string): string {
  let end = author.length
  while (end > 1 && author[end - 1] === ' ') end--
  return author.slice(0, end)
}
