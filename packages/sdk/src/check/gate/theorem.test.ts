import type { JsonObject } from '@stagegate/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kindGraphs } from '../../graph/kinds.js'
import { fatesOf, type Outcome, type SimulatedJob, simulate } from '../../graph/testing/simulate.js'
import type { PipelineDocument } from '../../index.js'
import { noFacts } from './facts.js'
import { checkGate } from './gate.js'

const publish = 'publish'

interface Pipeline {
  /** The last one publishes. */
  readonly jobs: readonly SimulatedJob[]
  readonly gates: readonly string[]
}

/** Small pipelines, whose jobs may start in these ways, and which may leave `needs` out. */
function pipelines(whens: readonly SimulatedJob['when'][], withStages: boolean): fc.Arbitrary<Pipeline> {
  return fc.integer({ min: 2, max: 5 }).chain((count) => {
    const names = Array.from({ length: count }, (_, index) => (index === count - 1 ? publish : `job ${index}`))
    const job = (index: number): fc.Arbitrary<SimulatedJob> => {
      const need = (name: string) =>
        fc.option(fc.record({ job: fc.constant(name), optional: fc.integer({ max: 3, min: 0 }).map((one) => one === 0) }), {
          nil: undefined,
          freq: 2,
        })
      const needs = fc.tuple(...names.slice(0, index).map(need)).map((all) => all.flatMap((one) => one ?? []))
      return fc.record({
        name: fc.constant(names[index] ?? ''),
        stage: fc.constant(index),
        when: fc.constantFrom(...whens),
        allowFailure: index === count - 1 ? fc.constant(false) : fc.boolean(),
        needs: withStages ? fc.option(needs, { nil: undefined, freq: 3 }) : needs,
      })
    }
    return fc.record({
      jobs: fc.tuple(...names.map((_, index) => job(index))),
      gates: fc.subarray(names.slice(0, -1), { minLength: 1, maxLength: Math.min(2, count - 1) }),
    })
  })
}

/** Whether some course of things lets it publish before a gate has succeeded, or without a click after all of them. */
function canOpen({ jobs, gates }: Pipeline): boolean {
  const courses = fatesOf(jobs).map((fates) => simulate(jobs, fates))
  const ran = (name: string, outcomes: ReadonlyMap<string, Outcome>) => ['success', 'failed'].includes(outcomes.get(name) ?? '')
  // It runs in no course of things in which a gate has not succeeded.
  const isAfterGates = (name: string) =>
    courses.every((outcomes) => !ran(name, outcomes) || gates.every((gate) => outcomes.get(gate) === 'success'))
  const clicks = jobs.filter(({ name, when }) => when === 'manual' && isAfterGates(name) && !gates.includes(name))
  return courses.some((outcomes) => {
    const isClicked = clicks.some(({ name }) => name === publish || outcomes.get(name) === 'success')
    return ran(publish, outcomes) && !(isClicked && gates.every((gate) => outcomes.get(gate) === 'success'))
  })
}

function isProved({ jobs, gates }: Pipeline): boolean {
  const facts = { ...noFacts, publishers: new Map([[publish, new Map([['any', gates]])]]) }
  return checkGate(kindGraphs(documentOf(jobs)), facts).length === 0
}

function documentOf(jobs: readonly SimulatedJob[]): PipelineDocument {
  return {
    stages: jobs.map(({ stage }) => `stage ${stage}`),
    workflow: {},
    variables: {},
    jobs: Object.fromEntries(
      jobs.map(({ name, stage, when, allowFailure, needs }): [string, JsonObject] => [
        name,
        {
          stage: `stage ${stage}`,
          script: ['true'],
          ...(needs !== undefined && { needs: needs.map(({ job, optional }) => ({ job, optional })) }),
          rules: [{ if: '$CI_COMMIT_REF_PROTECTED == "true"', when, allow_failure: allowFailure }],
        },
      ]),
    ),
  }
}

describe('the gate theorem', () => {
  test('says of a pipeline exactly what a search through all that can happen finds', () => {
    let proved = 0
    const runs = 2_000
    fc.assert(
      fc.property(pipelines(['on_success', 'on_success', 'manual', 'always'], false), (pipeline) => {
        const verdict = isProved(pipeline)
        if (verdict) proved += 1
        expect(verdict).toBe(!canOpen(pipeline))
      }),
      { numRuns: runs },
    )
    // Neither answer is rare.
    expect(proved).toBeGreaterThan(runs / 50)
    expect(proved).toBeLessThan(runs)
  })

  test('proves nothing that can go wrong, with jobs that wait for failures, and with the order of stages', () => {
    fc.assert(
      fc.property(pipelines(['on_success', 'manual', 'always', 'on_failure'], true), (pipeline) => {
        fc.pre(isProved(pipeline))
        expect(canOpen(pipeline)).toBe(false)
      }),
      { numRuns: 300, maxSkipsPerRun: 1_000 },
    )
  })
})
