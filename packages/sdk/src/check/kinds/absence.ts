import { kindVariable } from '@stagegate/schema'
import { type Expression, negate, present, variablesIn } from '../../condition/index.js'
import type { JobDocument } from '../../gitlab/document.js'
import { impliesFiles, reasonOf } from '../../graph/files.js'
import type { KindGraph, KindJob } from '../../graph/kinds.js'
import { type Clause, clausesOf } from '../../graph/rules.js'
import type { ExistenceClause } from '../../graph/ways.js'

/** A need of a job in one of the ways in which it exists. */
interface Need {
  readonly graph: KindGraph
  readonly consumer: KindJob
  readonly way: ExistenceClause
  readonly producer: KindJob
}

/**
 * When a needed job may be missing although the job that needs it exists, in words; `undefined` if it is never missing, or if that is
 * unknown. GitLab then refuses the whole pipeline.
 */
export function absenceOf(need: Need): string | undefined {
  const { producer, consumer, way } = need
  const clauses = clausesIn(producer)
  if (producer.exists === 'always' || !clauses.every(isReadable) || hasOnly(producer) || hasOnly(consumer)) return undefined
  const passed = new Set(passedBefore(need).map(keyOf))
  let holds = sharedPremises(need)
  for (const clause of clauses) {
    if (passed.has(keyOf(clause))) continue
    const isSame = keyOf(clause) === keyOf(way)
    const verdict =
      clause.condition === undefined || isSame ? 'always' : need.graph.ask(clause.condition, { holds, values: producer.seen.values })
    if (verdict === 'never') continue
    if (clause.when === 'never') return `${wordsOf(clause)} excludes it`
    if (verdict === 'always' && impliesFiles(way, clause)) return undefined
    if (clause.condition !== undefined && clause.files.length === 0) holds = [present(negate(clause.condition)), ...holds]
  }
  return `none of its rules matches: ${clauses
    .filter(({ when }) => when !== 'never')
    .map(wordsOf)
    .join('; ')}`
}

const read = new WeakMap<JobDocument, readonly Clause[]>()

/** Many jobs in many kinds need the same job: its rules are parsed once. */
function clausesIn({ document }: KindJob): readonly Clause[] {
  const clauses = read.get(document) ?? clausesOf(document)
  read.set(document, clauses)
  return clauses
}

/** The clauses that did not apply, since a later one of the same job does. */
function passedBefore({ consumer, way }: Need): readonly Clause[] {
  const clauses = clausesIn(consumer)
  return clauses.slice(
    0,
    Math.max(
      0,
      clauses.findIndex((clause) => keyOf(clause) === keyOf(way)),
    ),
  )
}

/** Everything that is true if the consumer exists in this way, limited to variables that are the same for both jobs. */
function sharedPremises({ consumer, way, producer }: Need): readonly Expression[] {
  const [one, other] = [consumer.seen, producer.seen]
  const differs = (name: string) => one.values[name] !== other.values[name] || one.others.includes(name) || other.others.includes(name)
  return way.known.holds.filter((premise) => !variablesIn(premise).some(differs))
}

function keyOf({ if: condition, files }: Clause): string {
  return JSON.stringify([condition, files])
}

function isReadable({ if: written, condition }: Clause): boolean {
  return written === undefined || condition !== undefined
}

/** `only` and `except` describe refs in words of their own. */
function hasOnly({ document }: KindJob): boolean {
  return document['only'] !== undefined || document['except'] !== undefined
}

/** Without the test of the kind, which the sentence names. */
function wordsOf({ if: condition, files }: Clause): string {
  const own = condition?.replace(new RegExp(`^\\(?(?:\\$${kindVariable} == "[^"]*"(?: \\|\\| )?)+\\)?(?: && )?`), '')
  return reasonOf({ if: own, files }) ?? 'a rule without a condition'
}
