import { createHash } from 'node:crypto'
import { sha256 } from '@stagegate/schema'
import type { RpmDescription } from '../../../package/rpm-describe.js'
import { entryOf } from '../entry.js'
import { kinds, type PerKind, roots } from '../kinds.js'
import type { YumPackage } from '../yum-package.js'

export const described: RpmDescription = {
  identity: {
    format: 'rpm',
    name: 'acme',
    version: '1.2-3.el9',
    release: '3.el9',
    architecture: 'x86_64',
    source: false,
    canonicalFile: 'acme-1.2-3.el9.x86_64.rpm',
  },
  epoch: 0,
  upstream: '1.2',
  texts: { summary: 's', description: 'd', buildHost: 'b', vendor: 'v', license: 'l', packager: 'p', group: 'g', url: 'u', sourceRpm: 'r' },
  built: 1000,
  size: { installed: 10, archive: 20 },
  header: { start: 100, end: 200 },
  dependencies: { provides: [], requires: [], conflicts: [], obsoletes: [], recommends: [], suggests: [], supplements: [], enhances: [] },
  files: [],
  changes: [],
}

/** A package with this version; its file's bytes are what `content` stands for. */
export function packageOf(upstream: string, content = upstream, href = `acme-${upstream}.rpm`): YumPackage {
  return entryOf({ ...described, upstream }, { sha256: sha256(createHash('sha256').update(content).digest('hex')), size: 5, href })
}

/** The three documents around these elements, a list for each. */
export function documentsOf(elements: PerKind<string>, attributes = ''): PerKind<Buffer> {
  const [primary, filelists, other] = kinds.map((kind) => {
    const { name, attributes: own } = roots[kind]
    const all = Object.entries(own).map(([name, value]) => ` ${name}="${value}"`)
    return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<${name}${all.join('')}${attributes}>${elements[kind]}</${name}>`)
  })
  const none = Buffer.of()
  return { primary: primary ?? none, filelists: filelists ?? none, other: other ?? none }
}
