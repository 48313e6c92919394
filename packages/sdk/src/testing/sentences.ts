import type { JsonValue } from '@stagegate/schema'
import { noFacts } from '../check/gate/facts.js'
import { checkGate } from '../check/gate/gate.js'
import { textsIn } from '../check/gate/writers.js'
import { kindGraphs } from '../graph/kinds.js'
import { takesDefault } from '../graph/visible.js'
import { fits } from '../name-pattern.js'
import { sentenceOf } from '../report/issue.js'
import type { Synthesis } from '../synthesis.js'

/** What is proved of a whole pipeline, whatever its kind: sentences for an author's own tests, with any runner. */

/**
 * In every kind, nothing is published before these jobs have succeeded, and nothing in any other way. It is the gate's own
 * proof: a need that is optional, or of a job that may fail, does not count.
 *
 * @example
 * publishesOnlyThrough(app.synth(), ['seal', 'deploy: [production]'])
 * @throws {Error} naming each job that can publish without one of them, and every error that synth found: of a pipeline that
 * is not written nothing is proved
 */
export function publishesOnlyThrough(synthesis: Synthesis, gates: readonly string[]): void {
  const errors = synthesis.issues.filter(({ severity }) => severity === 'error').map(sentenceOf)
  const graphs = kindGraphs(synthesis.whole)
  const publishers = synthesis.plan.releases.flatMap(({ targets }) => targets.map(({ jobs }) => jobs.publish))
  const sources = new Map(
    Object.keys(synthesis.whole.jobs).flatMap((name) => {
      const source = synthesis.factsOf(name)?.source
      return source === undefined ? [] : [[name, source] as const]
    }),
  )
  // One gate at a time, so that each is told that is missing.
  const missing = gates.flatMap((gate) => {
    const inAllKinds = new Map(graphs.map(({ kind }) => [kind, [gate]] as const))
    const facts = { ...noFacts, sources, publishers: new Map(publishers.map((name) => [name, inAllKinds] as const)) }
    return checkGate(graphs, facts).flatMap(({ facts: found }) =>
      found.code === 'gate/open' && found.through.length > 1 ? [sentenceOf(found)] : [],
    )
  })
  refuse([...errors, ...missing])
}

/**
 * No job with such a name sees or mentions the variable.
 *
 * @example
 * noSecretIn(app.synth(), 'PUBLIC_TOKEN', 'build: *')
 * @throws {Error} naming each job that does; also where no job has such a name, since of none nothing is said
 */
export function noSecretIn(synthesis: Synthesis, variable: string, jobs: string): void {
  const { whole } = synthesis
  const mentioned = new RegExp(`\\b${variable.replace(/\W/g, '')}\\b`)
  const mentions = (value: JsonValue) => textsIn(value).some((text) => mentioned.test(text))
  const inDefaults = Object.entries(whole.default ?? {}).flatMap(([keyword, value]) => (mentions(value) ? [keyword] : []))
  const named = Object.entries(whole.jobs).filter(([name]) => fits(name, jobs))
  const found = named.filter(
    ([name, job]) =>
      synthesis.factsOf(name)?.secrets.includes(variable) || mentions(job) || inDefaults.some((keyword) => takesDefault(job, keyword)),
  )
  refuse(named.length === 0 ? [`no job is called ${jobs}`] : found.map(([name]) => `the job ${name} has ${variable}`))
}

function refuse(found: readonly string[]): void {
  if (found.length > 0) throw new Error([...new Set(found)].join('\n'))
}
