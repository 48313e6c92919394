import { expect, test } from 'vitest'
import type { PipelineDocument } from '../../gitlab/document.js'
import { PackageTarget, type ReadLocal, type Synthesis } from '../../index.js'
import { lintText } from '../../lint/index.js'
import { documentOf } from '../../lint/resolve/document.js'
import { withSharedParts } from '../../render/shared-parts.js'
import { renderYaml } from '../../render/yaml.js'
import { smallRelease } from '../small-release.js'
import { gateSeeds } from './gate-seeds.js'
import { includeSeeds } from './include-seeds.js'
import { isolationSeeds } from './isolation-seeds.js'
import { otherSeeds } from './other-seeds.js'
import { secretSeeds } from './secret-seeds.js'

const seeds = [...gateSeeds, ...secretSeeds, ...isolationSeeds, ...includeSeeds, ...otherSeeds]

/** The parts that a proof reads, without those that are empty. */
function proved({ include: _, spec: __, prefill: ___, ...document }: PipelineDocument) {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => Object.keys(value).length > 0))
}

/** The document that `audit` reads from the text which synth would write, with no file that is there under rules alone. */
function auditedFrom({ document }: Synthesis, readLocal: ReadLocal | undefined) {
  const { resolved } = lintText(renderYaml(withSharedParts(document), { header: [], comment: () => undefined }), {
    readLocal,
    taken: new Set(),
  })
  return resolved === undefined ? undefined : documentOf(resolved)
}

// The same document is judged by the same checks: nothing that audit finds in synth's text can escape synth.
test.each(seeds.map((seed) => [seed.mistake, seed] as const))('synth and audit judge one document: %s', (_, { make, files }) => {
  const base = smallRelease()
  // Enough targets for shared parts.
  for (const version of [11, 12]) new PackageTarget(base.release, `el/${version}`, { build: { script: ['make'] }, packages: 'dist/*' })
  make(base)
  const readLocal = (path: string) => files?.[path]
  const synthesis = base.app.synth(files === undefined ? {} : { readLocal })
  const audited = auditedFrom(synthesis, files === undefined ? undefined : readLocal)
  const isRefused = synthesis.issues.some(({ code }) => code === 'gitlab/refused')
  expect(audited === undefined).toBe(isRefused)
  expect(proved(audited ?? synthesis.whole)).toEqual(proved(synthesis.whole))
})
