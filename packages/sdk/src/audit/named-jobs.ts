import { fits } from '../name-pattern.js'
import { type Marks, marksIn } from './marks.js'
import { planFacts } from './plan-facts.js'
import type { LintedVersion } from './version.js'

/** The jobs that are known to publish, by the plan, a comment or their name. Where there are none, nothing is said of a gate. */
export function publishersIn(version: LintedVersion): readonly string[] {
  return [...planFacts(version.plan).publishers.keys(), ...marksOf(version).flatMap(({ publishes }) => publishes)]
}

/** The first name in `publishes` or `gates` that no job of any version has: a slip in it would make the gate look right. */
export function findUnknownJobName(...versions: readonly LintedVersion[]): string | undefined {
  const names = versions.flatMap(jobsIn)
  return (
    versions.flatMap(({ publishes = [] }) => publishes).find((pattern) => !names.some((name) => fits(name, pattern))) ??
    versions.flatMap(({ gates = [] }) => gates).find((gate) => !names.includes(gate))
  )
}

/** The jobs that comments, `publishes` and `gates` name. */
export function marksOf(version: LintedVersion): readonly Marks[] {
  const { yaml, lint, publishes = [], gates = [] } = version
  const comments = [yaml, ...lint.read.map(({ text }) => text)].map(marksIn)
  const named = jobsIn(version).filter((name) => publishes.some((pattern) => fits(name, pattern)))
  return [...comments, { publishes: named, gates }]
}

function jobsIn({ document }: LintedVersion): readonly string[] {
  return document === undefined ? [] : Object.keys(document.jobs)
}
