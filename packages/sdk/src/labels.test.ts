import { parseReleasePlan } from '@stagegate/schema'
import fc from 'fast-check'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { expect, test } from 'vitest'
import { PackageTarget } from './index.js'
import { smallRelease } from './testing/small-release.js'

/** What is written for a release with one more target of this label; `undefined` where synth refuses it. */
function written(label: string) {
  const { app, release } = smallRelease()
  new PackageTarget(release, label, { distribution: 'el/9', build: { script: ['make'] }, packages: '*.rpm' })
  const { ok, files } = app.synth()
  const [yaml, plan, runbook] = ['.gitlab-ci.yml', 'release-plan.json', 'RELEASING.md'].map(
    (path) => files.find((file) => file.path === path)?.text ?? '',
  )
  return ok ? { yaml: yaml ?? '', plan: plan ?? '', runbook: runbook ?? '' } : undefined
}

const jobsIn = (yaml: string) => Object.keys(load(yaml, { schema: YAML11_SCHEMA }) ?? {})

const label = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(...' \n\t:#-"\'{}[],&*!|>%@`a1.$\\<()', '\u0085', '\u2028', '\u001b', '\ufeff', '\u00e4'),
    maxLength: 8,
  }),
  fc.constantFrom(
    'yes',
    '~',
    '1e3',
    '0x1',
    '- a',
    'a: b',
    'a #b',
    '${A}',
    '$(id)',
    '`id`',
    '<b>',
    '[a](b)',
    '| a',
    '..',
    'section_start:1:x',
  ),
)

test('no label that synth takes changes the structure of what it writes', () => {
  const usual = written('another')
  if (usual === undefined) throw new Error('Expected a release')
  let taken = 0
  fc.assert(
    fc.property(label, (label) => {
      const files = written(label)
      if (files === undefined) return
      taken++
      const expected = jobsIn(usual.yaml).map((name) => name.replaceAll('another', () => label))
      expect(jobsIn(files.yaml).toSorted()).toEqual(expected.toSorted())
      expect(files.yaml.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(
        usual.yaml.split('\n').filter((line) => line.startsWith('#')).length,
      )
      expect(parseReleasePlan(files.plan, 'x').releases[0]?.targets.map(({ id }) => id)).toContain(label)
      expect(files.runbook.split('\n')).toHaveLength(usual.runbook.split('\n').length)
    }),
    { numRuns: 150 },
  )
  expect(taken).toBeGreaterThan(20)
})
