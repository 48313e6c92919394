import { canonical, type JsonObject, type JsonValue } from '@stagegate/schema'
import fc from 'fast-check'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { expect, test } from 'vitest'
import { isObject, type PipelineDocument } from '../gitlab/document.js'
import { proveSame } from './same-pipeline.js'
import { withSharedParts } from './shared-parts.js'
import { renderYaml } from './yaml.js'

// Few values, so that jobs agree often; among them all that a merge could treat in a way of its own.
const object = (...entries: readonly (readonly [string, JsonValue])[]): JsonObject => Object.fromEntries(entries)
const value = fc.constantFrom<JsonValue>(
  null,
  'x',
  '',
  1,
  false,
  [],
  ['x'],
  [null, {}],
  object(),
  object(['a', '1']),
  object(['a', null]),
  object(['a', '1'], ['b', object(['c', []])]),
  object(['b', object()], ['a', '2']),
  object(['__proto__', 'x'], ['constructor', object(['__proto__', null])]),
)
const keyword = fc.constantFrom('image', 'variables', 'artifacts', 'rules', 'rules', 'needs', 'script', 'inherit', '__proto__', 'toString')
const bases = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  fc.constantFrom<JsonValue>(
    '.theirs',
    ['.theirs', '.more'],
    ['.more'],
    [],
    null,
    7,
    [['.theirs']],
    '.stagegate:g',
    '.hidden',
    'g: [2]',
    'g: [3]',
  ),
)
const job = fc.tuple(bases, fc.array(fc.tuple(keyword, value), { maxLength: 3 })).map(([own, keywords]) => ({
  ...(own !== undefined && { extends: own }),
  // One value in most jobs, so that there is something to share.
  stage: 'x',
  image: { name: 'x', entrypoint: [''] },
  rules: [{ if: '$A' }, { if: '$B' }],
  ...Object.fromEntries(keywords),
}))
const others = fc.constantFrom(
  '.hidden',
  '.g: [9]',
  '.stagegate:g',
  '.stagegate:g:rules',
  '.stagegate:g:rules-of-1',
  '__proto__',
  '__proto__: [x]',
  'toString',
  '7',
  'g',
  'deploy',
)
const document = fc
  .record({
    groups: fc.array(
      fc.tuple(fc.constantFrom('g', 'h', '__proto__', '.g', 'g: [a]', 'a b'), fc.array(job, { minLength: 4, maxLength: 12 })),
      { maxLength: 3 },
    ),
    others: fc.array(fc.tuple(others, job), { maxLength: 5 }),
    isIncluding: fc.boolean(),
    hasHeader: fc.integer({ min: 1, max: 8 }).map((one) => one === 1),
  })
  .map(
    (made): PipelineDocument => ({
      ...(made.hasHeader && { spec: {} }),
      ...(made.isIncluding && { include: ['theirs.yml'] }),
      default: { image: 'y' },
      stages: ['x'],
      workflow: {},
      variables: { A: '' },
      jobs: Object.fromEntries([
        ...made.others,
        ...made.groups.flatMap(([group, jobs]) => jobs.map((body, index) => [`${group}: [${index}]`, body] as const)),
      ]),
    }),
  )

/** What Ruby's `deep_merge` does, as GitLab calls it for `extends`. */
function deepMerge(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged = new Map(Object.entries(earlier))
  for (const [key, own] of Object.entries(later)) {
    const before = merged.get(key)
    merged.set(key, isObject(before) && isObject(own) ? deepMerge(before, own) : own)
  }
  return Object.fromEntries(merged)
}

/** A job with its bases, as texts or lists of texts say them; `undefined` for a circle. */
function extended(jobs: ReadonlyMap<string, JsonObject>, name: string, above: readonly string[] = []): JsonObject | undefined {
  if (above.includes(name)) return undefined
  const { extends: said = [], ...own } = jobs.get(name) ?? {}
  let merged: JsonObject = {}
  for (const base of [said].flat(9)) {
    const body = extended(jobs, String(base), [...above, name])
    if (body === undefined) return undefined
    merged = deepMerge(merged, body)
  }
  return deepMerge(merged, own)
}

/** The jobs of the text as GitLab would have them, with what the other file says of the bases that only it has. */
function read(text: string, theirs: ReadonlyMap<string, JsonObject>): ReadonlyMap<string, JsonObject> {
  // The text is that of an object, or js-yaml has thrown.
  const root = load(text, { schema: YAML11_SCHEMA }) as JsonObject
  return new Map([...theirs, ...Object.entries(root).flatMap(([name, body]) => (isObject(body) ? [[name, body] as const] : []))])
}

const yaml = (pipeline: PipelineDocument) => renderYaml(pipeline, { header: [], comment: () => undefined })

test('whatever the jobs are, and whatever another file defines for their bases, each job stays the same', { timeout: 300_000 }, () => {
  let shared = 0
  fc.assert(
    fc.property(document, job, job, (whole, one, two) => {
      const written = withSharedParts(whole)
      proveSame(whole, written)
      if (Object.keys(written.jobs).length > Object.keys(whole.jobs).length) shared += 1
      const { extends: _, ...theirs } = one
      const { extends: __, ...more } = two
      const file = new Map<string, JsonObject>([
        ['.theirs', theirs],
        ['.more', more],
      ])
      const [before, after] = [whole, written].map(({ spec: ___, ...rest }) => read(yaml(rest), file))
      if (before === undefined || after === undefined) throw new Error('Expected two texts')
      for (const name of Object.keys(whole.jobs)) {
        const [was, is] = [extended(before, name), extended(after, name)]
        expect(is === undefined ? 'in a circle' : canonical(is)).toBe(was === undefined ? 'in a circle' : canonical(was))
      }
    }),
    { numRuns: 400 },
  )
  expect(shared).toBeGreaterThan(100)
})

test('the order of the jobs decides about names alone', { timeout: 300_000 }, () => {
  const parts = (pipeline: PipelineDocument) =>
    Object.entries(withSharedParts(pipeline).jobs)
      .flatMap(([name, body]) => (Object.hasOwn(pipeline.jobs, name) ? [] : [canonical(body)]))
      .toSorted()
  fc.assert(
    fc.property(document, (pipeline) => {
      const jobs = Object.fromEntries(Object.entries(pipeline.jobs).toReversed())
      expect(parts({ ...pipeline, jobs })).toEqual(parts(pipeline))
    }),
    { numRuns: 200 },
  )
})
