import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Content, documentText, type ReleaseManifest } from '@stagegate/schema'
import { contentOf } from '../contract/content-of.js'
import { supplementOf } from '../records/record-store.js'
import type { NamedFile } from '../verb/deliver-files.js'

/** The names of the two files that an announcement adds. */
export interface DocumentNames {
  /** The list of checksums. */
  readonly sums: string
  /** The sealed manifest. */
  readonly manifest: string
}

/** A supplement has its own pair, next to that of its release. */
export function documentNames(manifest: ReleaseManifest): DocumentNames {
  const target = supplementOf(manifest)
  const suffix = target === undefined ? '' : `-${soundPart(target)}`
  return { sums: `SHA256SUMS${suffix}`, manifest: `release-manifest${suffix}.json` }
}

/** A file in the list of checksums. */
export interface Listed {
  /** Its name in the entry. */
  readonly name: string
  readonly content: Content
}

/**
 * The files that an announcement adds: the lines that `sha256sum --check` reads, and the manifest. They depend only on the manifest, so a
 * second run sends nothing. Without files there are no checksums.
 */
export function documentsOf(manifest: ReleaseManifest, files: readonly Listed[]): readonly NamedFile[] {
  const names = documentNames(manifest)
  const lines = files.map(({ name, content }) => `${content.sha256}  ${name}\n`)
  const sums = files.length === 0 ? [] : [documentIn(manifest, names.sums, lines.join(''))]
  return [...sums, documentIn(manifest, names.manifest, documentText(manifest))]
}

function documentIn({ release, version }: ReleaseManifest, name: string, text: string): NamedFile {
  const data = Buffer.from(text)
  const content = contentOf(data)
  const path = `${soundPart(release)}-release/${soundPart(version)}/${name}`
  return { path: name, item: { coordinates: { format: 'file', path }, content }, open: async () => Readable.from([data]) }
}

/**
 * A label as a part of a path that every store accepts. Different labels stay different: a changed one ends with the beginning of its
 * digest.
 */
export function soundPart(label: string): string {
  const clean = label
    .replaceAll(/[^A-Za-z0-9._+~-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100)
  if (clean === label) return label
  return [...(clean === '' ? [] : [clean]), createHash('sha256').update(label).digest('hex').slice(0, 8)].join('-')
}
