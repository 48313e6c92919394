import type { JsonValue } from '@stagegate/schema'
import fc from 'fast-check'
import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import { expect, test } from 'vitest'
import { App, type AppProps, Condition, Duration, Job, type JobProps, PipelineKind } from '../index.js'
import { renderYaml } from '../render/yaml.js'

// What YAML 1.1 or GitLab's parser would take for something else, beside any text at all.
const traps = ['on', 'no', '~', '', '1e3', '0o7', '0777', '1_000', '1,000', '12:30', '2026-01-31', '<<', '=', ':x', '- a', 'a: b', 'a #b']
const lines = [
  'a\u0085b',
  'one\n  two\n',
  '  one\ntwo',
  '\tx\ny',
  'x\n\n',
  'a\r\nb',
  '${A:?msg}',
  '\u2028',
  '---\n...',
  '!!binary x',
  '*a',
  '&a b',
  '%Y',
]
const texts = fc.oneof(fc.constantFrom(...traps, ...lines), fc.string({ unit: 'binary' }), fc.string())
const name = texts.filter((text) => !text.startsWith('STAGEGATE_') && text !== '')

interface Said {
  /** As an author writes it. */
  readonly props: unknown
  /** As GitLab is to read it. */
  readonly meant: JsonValue
}
const same = <T extends JsonValue>(values: fc.Arbitrary<T>): fc.Arbitrary<Said> => values.map((value) => ({ props: value, meant: value }))
const variable = fc.oneof(texts, fc.record({ value: texts, expand: fc.boolean() }))
const durations = fc.constantFrom([Duration.minutes(90), '1 hour 30 minutes'], [Duration.days(3), '3 days'] as const)
// What JSON can hold, without the undefined of the arbitrary's own type.
const json = fc.json().map((one): JsonValue => JSON.parse(one))
const lists = fc.array(texts, { maxLength: 4 })

/** The keywords of a job in the order in which they are to stand: ours, GitLab's, and what is said. */
const keywords: readonly (readonly [ours: string, gitlab: string, said: fc.Arbitrary<Said>])[] = [
  ['image', 'image', same(texts)],
  [
    'services',
    'services',
    same(fc.array(fc.oneof(texts, fc.record({ name: name.filter((one) => /./.test(one)), alias: texts, command: lists })))),
  ],
  ['tags', 'tags', same(lists)],
  ['inputs', 'inputs', same(fc.dictionary(name, fc.record({ description: texts, default: json })))],
  ['variables', 'variables', same(fc.dictionary(name, variable))],
  ['idTokens', 'id_tokens', same(fc.dictionary(name, fc.record({ aud: fc.oneof(texts, lists) })))],
  ['timeout', 'timeout', durations.map(([props, meant]) => ({ props, meant: String(meant) }))],
  ['interruptible', 'interruptible', same(fc.boolean())],
  ['environment', 'environment', same(fc.record({ name: texts }))],
  ['resourceGroup', 'resource_group', same(texts)],
  [
    'parallel',
    'parallel',
    same(fc.record({ matrix: fc.array(fc.dictionary(name, texts, { minKeys: 1 }), { minLength: 1, maxLength: 3 }) })),
  ],
  ['beforeScript', 'before_script', same(lists)],
  ['script', 'script', same(lists)],
  ['afterScript', 'after_script', same(lists)],
  ['cache', 'cache', same(fc.record({ paths: lists, when: fc.constant('always') }))],
  ['artifacts', 'artifacts', texts.map((one) => ({ props: { name: one, expireIn: 'never' }, meant: { name: one, expire_in: 'never' } }))],
]

const jobs = fc
  .record(Object.fromEntries(keywords.map(([ours, , said]) => [ours, said])), { requiredKeys: [] })
  .map((said: Readonly<Record<string, Said | undefined>>) => ({
    props: Object.fromEntries(Object.entries(said).map(([ours, one]) => [ours, one?.props])),
    meant: Object.fromEntries(keywords.flatMap(([ours, gitlab]) => (said[ours] === undefined ? [] : [[gitlab, said[ours].meant]]))),
  }))
const rules = fc.record({ variables: fc.dictionary(name, texts, { minKeys: 1 }) })
const pipelines = fc.record({
  variables: fc.dictionary(name, fc.oneof(texts, fc.record({ value: texts, description: texts, expand: fc.boolean() }))),
  inputs: fc.dictionary(name, fc.record({ description: texts, default: json })),
  default: fc.record({ image: texts }),
})

test('whatever an author writes in a job or an app, another parser reads exactly that, in this order', () => {
  fc.assert(
    fc.property(name, jobs, rules, pipelines, (label, { props, meant }, rule, pipeline) => {
      const app = new App(pipeline as AppProps)
      new PipelineKind(app, 'main', { when: Condition.branch('main') })
      // The arbitrary has no types to check it by: it makes what an author could write.
      new Job(app, `job ${label}`, { ...props, rules: [rule] } as JobProps)
      const { document, issues } = app.synth()
      expect(issues.filter(({ code }) => code === 'structure/value' || code === 'structure/unknown-keyword')).toEqual([])

      const text = renderYaml(document, { header: [], comment: () => undefined })
      // Compared as text, which says the order too; the parser's objects have no prototype.
      const [spec, body] = loadAll(text, { schema: YAML11_SCHEMA, maxDepth: 200 })
      expect(JSON.stringify(spec)).toBe(JSON.stringify({ spec: { inputs: pipeline.inputs } }))
      expect(JSON.stringify(body)).toBe(
        JSON.stringify({
          stages: ['build'],
          workflow: { rules: [{ if: '$CI_COMMIT_BRANCH == "main"', variables: { STAGEGATE_KIND: 'main' } }] },
          variables: { STAGEGATE_KIND: '', ...pipeline.variables },
          default: pipeline.default,
          [`job ${label}`]: { stage: 'build', needs: [], ...meant, rules: [{ if: '$STAGEGATE_KIND == "main"', ...rule }] },
        }),
      )
    }),
    { numRuns: 300 },
  )
})

test('no key occurs twice: a job cannot have the name of a keyword, nor of another job', () => {
  const app = new App()
  new PipelineKind(app, 'main', { when: Condition.branch('main') })
  for (const label of ['include', 'spec', 'default', 'twice', 'twice']) new Job(app, label, { script: ['x'] })
  const { files, issues } = app.synth()
  expect(files).toEqual([])
  expect(issues.map(({ code, path }) => `${path} ${code}`)).toEqual([
    'twice structure/duplicate-name',
    'include structure/reserved-name',
    'spec structure/reserved-name',
    'default structure/reserved-name',
  ])
})

test('a job whose name is a number comes after the keywords', () => {
  const app = new App()
  new PipelineKind(app, 'main', { when: Condition.branch('main') })
  new Job(app, '9', { script: ['x'] })
  expect(app.synth().files[0]?.text.match(/^\S+(?=:)/gm)).toEqual(['stages', 'workflow', 'variables', '"9"'])
})
