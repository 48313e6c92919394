import { digestOf } from '@stagegate/schema'
import type { ReleaseFacts } from '../check/gate/facts.js'
import { checkPipeline } from '../check/pipeline.js'
import type { PipelineDocument } from '../gitlab/document.js'
import type { Found } from '../issue/facts.js'
import type { AuditFinding } from './audit-findings.js'

/** Reasons that are about no single gate. */
const ofAllGates: readonly string[] = ['automatic', 'early-click', 'not-blocking', 'redefined', 'unprotected', 'foreign-kind']

/**
 * Where a gate is open, for each gate by itself. The proof names one gate of a job and one rule; who accepts that has not accepted the next
 * one.
 */
export function openForEach(document: PipelineDocument, facts: ReleaseFacts, gates: readonly string[]): readonly Found[] {
  if (gates.length < 2) return []
  return gates.flatMap((gate) => {
    const only = (needed: ReadonlyMap<string, readonly string[]>) =>
      new Map([...needed].map(([kind, names]) => [kind, names.filter((name) => name === gate)]))
    const publishers = new Map([...facts.publishers].map(([job, needed]) => [job, only(needed)]))
    const found = checkPipeline(document, { ...facts, publishers, gates: only(facts.gates) })
    return found.filter((one) => one.facts.code === 'gate/open' && !ofAllGates.includes(one.facts.because.is))
  })
}

/** The same finding, which another set of rules of its job makes a new one. */
export function withRules(finding: AuditFinding, { jobs }: PipelineDocument): AuditFinding {
  const job = finding.code === 'gate/open' && finding.job !== undefined ? jobs[finding.job] : undefined
  if (job === undefined) return finding
  const { rules = null, when = null, allow_failure = null } = job
  return { ...finding, facts: { ...finding.facts, rules: digestOf({ rules, when, allow_failure }).slice(0, 12) } }
}
