import { textsIn } from '../check/gate/writers.js'
import { waitsFor } from '../graph/graph.js'
import { kindGraphs } from '../graph/kinds.js'
import { sentenceOf } from '../issue.js'
import { fits } from '../name-pattern.js'
import type { Synthesis } from '../synthesis.js'

/** What is proved of a whole pipeline, whatever its kind: sentences for an author's own tests, with any runner. */

/**
 * In every kind, nothing is published before these jobs have succeeded, and nothing in any other way.
 *
 * @example
 * publishesOnlyThrough(app.synth(), ['seal', 'deploy: [production]'])
 * @throws {Error} naming each job that can publish without one of them, and every opening of the gate that synth found
 */
export function publishesOnlyThrough(synthesis: Synthesis, gates: readonly string[]): void {
  const open = synthesis.issues.filter(({ code }) => code === 'gate/open' || code === 'secrets/reachable').map(sentenceOf)
  const publishers = synthesis.plan.releases.flatMap(({ targets }) => targets.map(({ jobs }) => jobs.publish))
  const missing = kindGraphs(synthesis.whole).flatMap(({ kind, jobs }) => {
    const needs = (name: string) => jobs.get(name)?.ways.flatMap((way) => way.needs?.map(({ job }) => job) ?? []) ?? []
    return publishers
      .filter((name) => jobs.has(name))
      .flatMap((name) => {
        const waits = waitsFor(needs, name)
        return gates.filter((gate) => !waits.includes(gate)).map((gate) => `in the kind ${kind} ${name} does not wait for ${gate}`)
      })
  })
  refuse([...open, ...missing])
}

/**
 * No job with such a name sees or mentions the variable.
 *
 * @example
 * noSecretIn(app.synth(), 'PUBLIC_TOKEN', 'build: *')
 * @throws {Error} naming each job that does
 */
export function noSecretIn(synthesis: Synthesis, variable: string, jobs: string): void {
  const mentioned = new RegExp(`\\b${variable.replace(/\W/g, '')}\\b`)
  const found = Object.entries(synthesis.whole.jobs).filter(
    ([name, job]) =>
      fits(name, jobs) && (synthesis.factsOf(name)?.secrets.includes(variable) || textsIn(job).some((text) => mentioned.test(text))),
  )
  refuse(found.map(([name]) => `the job ${name} has ${variable}`))
}

function refuse(found: readonly string[]): void {
  if (found.length > 0) throw new Error(found.join('\n'))
}
