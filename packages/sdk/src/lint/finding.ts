import type { RuleId } from './rule.js'

/** The place of a value in the document: keys as in the YAML, and indexes of lists. */
export type Path = readonly (string | number)[]

/** A mistake that GitLab refuses (`error`), or that it only warns of or may refuse depending on unread files (`warning`). */
export interface Finding {
  /** Stable: `gitlab/needs-undefined`. */
  readonly code: string
  /** The rule of GitLab that this breaks, such as `N3`. */
  readonly rule: RuleId
  readonly severity: 'error' | 'warning'
  readonly path: Path
  readonly job?: string
  /** Counted from 1. Only if the document was read from text. */
  readonly line?: number
  readonly message: string
}

/** Thrown when GitLab stops and checks nothing else. Never leaves this folder. */
export class Refused extends Error {
  readonly finding: Finding

  constructor(rule: RuleId, code: string, message: string, { path = [], line }: { path?: Path; line?: number } = {}) {
    super(message)
    this.name = 'Refused'
    this.finding = { code: `gitlab/${code}`, rule, severity: 'error', path, message, ...(line !== undefined && { line }) }
  }
}
