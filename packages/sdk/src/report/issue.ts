import type { CustomFacts, IssueFacts } from '../issue/facts.js'
import type { SourceLocation } from '../source-location.js'
import { isCustom, wordingOf } from './catalogue.js'

/** A problem that synth refuses (`error`), or that the author has to correct or accept (`warning`). */
export type Issue = {
  readonly severity: 'error' | 'warning'
  /** The construct: `acme/ubuntu/jammy`. */
  readonly path: string
  /** The author's line. */
  readonly source?: SourceLocation
  /** How to correct it. */
  readonly help: string
  /** How many more constructs of the same line have the same problem, if a loop made them. @default 0 */
  readonly more?: number
} & (IssueFacts | CustomFacts)

/** Where an issue is reported: the construct's path and the author's line. */
export interface Place {
  readonly path: string
  readonly source?: SourceLocation | undefined
}

export function issueAt(place: Place, facts: IssueFacts | CustomFacts): Issue {
  const source = place.source && { source: place.source }
  if (isCustom(facts)) return { path: place.path, ...source, ...facts, severity: facts.severity ?? 'error' }
  const wording = wordingOf(facts)
  const help = 'action' in wording ? wording.help(facts) : wording.help
  const { severity = 'error' } = wording
  return { severity: typeof severity === 'function' ? severity(facts) : severity, path: place.path, ...source, help, ...facts }
}

/** The issue as one sentence; `help` says what to do about it. */
export function sentenceOf(facts: (IssueFacts | CustomFacts) & { readonly more?: number }): string {
  const sentence = isCustom(facts) ? facts.sentence : wordingOf(facts).sentence(facts)
  return facts.more === undefined ? sentence : `${sentence}; and ${facts.more} more from this line`
}

/** The identity of an issue: its code and facts. Lines are left out, so moving a job makes no new issue. */
export function identityOf(facts: IssueFacts | CustomFacts): string {
  return JSON.stringify(facts, (key, value) => (places.includes(key) ? undefined : value))
}

const places = ['first', 'made', 'source', 'sources']

export type { CustomFacts, IssueFacts }
