import { documentOf } from '../lint/resolve/document.js'
import { fits } from '../name-pattern.js'
import { type Marks, marksIn } from './marks.js'
import { planFacts } from './plan-facts.js'
import { lintVersion, type PipelineVersion } from './version.js'

/** The jobs that are known to publish, by the plan, a comment or their name. Where there are none, nothing is said of a gate. */
export function publishersIn(version: PipelineVersion): readonly string[] {
  return [...planFacts(version.plan).publishers.keys(), ...marksOf(version).flatMap(({ publishes }) => publishes)]
}

/** The first name in `publishes` or `gates` that no job of any version has: a slip in it would make the gate look right. */
export function findUnknownJobName(...versions: readonly PipelineVersion[]): string | undefined {
  const names = versions.flatMap(jobsIn)
  return (
    versions.flatMap(({ publishes = [] }) => publishes).find((pattern) => !names.some((name) => fits(name, pattern))) ??
    versions.flatMap(({ gates = [] }) => gates).find((gate) => !names.includes(gate))
  )
}

/** The jobs that comments, `publishes` and `gates` name. */
export function marksOf(version: PipelineVersion): readonly Marks[] {
  const { yaml, publishes = [], gates = [] } = version
  const comments = [yaml, ...lintVersion(version).read.map(({ text }) => text)].map(marksIn)
  const named = jobsIn(version).filter((name) => publishes.some((pattern) => fits(name, pattern)))
  return [...comments, { publishes: named, gates }]
}

function jobsIn(version: PipelineVersion): readonly string[] {
  const { resolved } = lintVersion(version)
  return resolved === undefined ? [] : Object.keys(documentOf(resolved).jobs)
}
