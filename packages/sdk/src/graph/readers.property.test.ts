import type { JsonObject, JsonValue } from '@stagegate/schema'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PipelineEvent } from '../condition/index.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { explainJob } from './explain.js'
import { graphOf } from './graph.js'
import { kindGraphs } from './kinds.js'
import { pipelineFor } from './pipeline.js'

/*
 * `pipeline(event)`, `explain`, `graph` and the gate proof read the same documents. An oracle of a few lines, which shares nothing
 * with them, says for each pipeline which jobs GitLab would make.
 */

const release: PipelineEvent = { tag: 'v1', protected: true }
const branch: PipelineEvent = { branch: 'main', variables: { DEPLOY: 'yes' } }
const kinds = [
  { event: release, kind: 'release', edition: 'ee' },
  { event: branch, kind: 'branch', edition: 'ce' },
] as const
type Kind = (typeof kinds)[number]

/** Conditions, and whether they hold; GitLab can make nothing of the last one. */
const conditions: Readonly<Record<string, (kind: Kind, inherits: boolean) => boolean>> = {
  '$STAGEGATE_KIND == "release"': ({ kind }, inherits) => inherits && kind === 'release',
  '$STAGEGATE_KIND == "branch"': ({ kind }, inherits) => inherits && kind === 'branch',
  '$EDITION == "ee"': ({ edition }, inherits) => inherits && edition === 'ee',
  $CI_COMMIT_TAG: ({ kind }) => kind === 'release',
  '$OWN == "1"': () => true,
  '$DEPLOY == "yes"': ({ kind }) => kind === 'branch',
  '$A ==': () => false,
}

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const rule = fc
  .record({
    if: maybe(fc.constantFrom(...Object.keys(conditions))),
    when: maybe(fc.constantFrom('on_success', 'manual', 'never', 'always')),
    changes: maybe(fc.constant(['src/**'])),
    allow_failure: maybe(fc.boolean()),
    needs: maybe(fc.subarray(['a', 'b'])),
  })
  .map((members): JsonValue => JSON.parse(JSON.stringify(members)))
const nested = fc.letrec<{ list: JsonValue[]; item: JsonValue }>((tie) => ({
  item: fc.oneof({ maxDepth: 3 }, { arbitrary: rule, weight: 4 }, tie('list')),
  list: fc.array(tie('item'), { maxLength: 4 }),
})).list
const inherit = fc.constantFrom<JsonObject>(
  {},
  { inherit: { variables: false } },
  { inherit: { variables: ['STAGEGATE_KIND', 'EDITION'] } },
  { inherit: { variables: true } },
)
const job = fc
  .tuple(inherit, maybe(nested), maybe(fc.constantFrom('manual', 'on_success', 'never')), maybe(fc.subarray(['a', 'b'])))
  .map(([inherited, rules, when, needs]): JsonObject => {
    const members = { ...inherited, variables: { OWN: '1' }, rules, when, needs, script: ['true'] }
    return JSON.parse(JSON.stringify(members))
  })

function documentWith(jobs: readonly JsonObject[]): PipelineDocument {
  const rules: JsonValue = [
    [{ if: '$CI_COMMIT_TAG', variables: { STAGEGATE_KIND: 'release', EDITION: 'ee' } }],
    { if: '$CI_COMMIT_BRANCH', variables: { STAGEGATE_KIND: 'branch', EDITION: 'ce' } },
  ]
  const others = { a: { script: ['true'] }, b: { script: ['true'] } }
  const named = Object.fromEntries(jobs.map((body, index) => [`job ${index}`, body]))
  return { stages: ['build'], workflow: { rules }, variables: { STAGEGATE_KIND: '' }, jobs: { ...others, ...named } }
}

/** When the job would start in a pipeline of this kind; `undefined` where it would not be in it. Files are taken to fit. */
function startIn(kind: Kind, body: JsonObject): string | undefined {
  const own = typeof body['when'] === 'string' ? body['when'] : 'on_success'
  const inherits = JSON.stringify(body['inherit'] ?? {}) !== '{"variables":false}'
  // The cast: the generator above made them.
  const rules = (body['rules'] as JsonValue[] | undefined)?.flat(9) as JsonObject[] | undefined
  const first = rules?.find((one) => one['if'] === undefined || conditions[String(one['if'])]?.(kind, inherits))
  const when = rules === undefined ? own : first && String(first['when'] ?? own)
  return when === 'never' ? undefined : when
}

test('all readers of rules and inheritance agree, with one another and with an oracle', () => {
  fc.assert(
    fc.property(fc.array(job, { minLength: 1, maxLength: 3 }), (bodies) => {
      const document = documentWith(bodies)
      const graphs = kindGraphs(document)
      for (const kind of kinds) {
        const pipeline = pipelineFor(document, kind.event, new Map())
        expect(pipeline.kind).toBe(kind.kind)
        for (const [index, body] of bodies.entries()) {
          const name = `job ${index}`
          const planned = pipeline.jobs.find((one) => one.name === name)
          expect(planned?.when, JSON.stringify(body)).toBe(startIn(kind, body))
          const inKind = graphs.find((graph) => graph.kind === kind.kind)?.jobs.get(name)
          const explained = explainJob(document, name).find((one) => one.kind === kind.kind)
          expect(explained?.exists).toBe(inKind?.exists ?? 'never')
          if (inKind?.exists === 'always') expect(planned, 'it exists always').toBeDefined()
          if (planned === undefined) continue
          // The rule that decided is among the ways of the kind, with its start and its needs.
          expect(inKind?.ways.map(({ when }) => when)).toContain(planned.when)
          const way = inKind?.ways.find(({ when, needs }) => when === planned.when && isSame(needs, planned.needs))
          if (body['needs'] !== undefined) expect(way, 'the way that has its needs').toBeDefined()
          const all = graphOf(document)
            .get(name)
            ?.needs.map((need) => need.job)
          if (body['needs'] !== undefined) expect(all).toEqual(expect.arrayContaining([...planned.needs]))
        }
      }
    }),
    { numRuns: 500 },
  )
})

function isSame(needs: readonly { readonly job: string }[] | undefined, names: readonly string[]): boolean {
  return JSON.stringify(needs?.map((need) => need.job)) === JSON.stringify(names)
}

test('rules in lists of lists make a job where they hold, and explain says why', () => {
  const nestedRules: JsonValue = [[[{ if: '$STAGEGATE_KIND == "release"' }]]]
  const document = documentWith([{ script: ['true'], rules: nestedRules }])
  expect(pipelineFor(document, release, new Map()).names()).toContain('job 0')
  expect(pipelineFor(document, branch, new Map()).absent()).toContainEqual(
    expect.objectContaining({ name: 'job 0', because: 'only in release' }),
  )
  expect(explainJob(document, 'job 0').map(({ exists }) => exists)).toEqual(['always', 'never'])
})

test('a workflow without rules makes every pipeline', () => {
  const { workflow, ...document } = documentWith([{ script: ['true'] }])
  expect(workflow).toBeDefined()
  const pipeline = pipelineFor({ ...document, workflow: {} }, branch, new Map())
  expect(pipeline).toMatchObject({ kind: '', because: 'the workflow has no rules' })
  expect(pipeline.names()).toEqual(['a', 'b', 'job 0'])
})
