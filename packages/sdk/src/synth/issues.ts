import type { CustomFacts, IssueFacts } from '../issue/facts.js'
import { type Issue, identityOf, issueAt, type Place } from '../report/issue.js'

/** Collects issues. It remembers what was reported, by construct, code and facts, and reports nothing twice. */
export class Issues {
  readonly #issues = new Map<string, Issue>()

  add(at: Place, facts: IssueFacts | CustomFacts): void {
    const key = JSON.stringify([at.path, at.source, identityOf(facts)])
    if (!this.#issues.has(key)) this.#issues.set(key, issueAt(at, facts))
  }

  get all(): readonly Issue[] {
    return [...this.#issues.values()]
  }

  get hasErrors(): boolean {
    return this.all.some(({ severity }) => severity === 'error')
  }

  has(holds: (issue: Issue) => boolean): boolean {
    return this.all.some(holds)
  }
}

/** One issue for each problem of a line: a loop that makes twenty targets has one mistake, not twenty. */
export function onePerLine(issues: readonly Issue[]): readonly Issue[] {
  const kept = new Map<string, Issue>()
  for (const [index, issue] of issues.entries()) {
    const { code, severity, source } = issue
    const key = source === undefined ? String(index) : JSON.stringify([code, severity, source, shapeOf(issue)])
    const first = kept.get(key)
    if (first === undefined) kept.set(key, issue)
    else if (first.path !== issue.path) kept.set(key, { ...first, more: (first.more ?? 0) + 1 })
    else kept.set(`${key} ${index}`, issue)
  }
  return [...kept.values()]
}

/**
 * The facts without the construct's own label, which differs in each turn of a loop. For mistakes in the text, also without the label of
 * the target whose job it is. A label within a longer word is left alone.
 */
function shapeOf({ path, more: _, ...facts }: Issue): string {
  const parts = path.split('/').slice(1)
  const target = facts.code.startsWith('structure/') ? parts.slice(0, -1) : []
  const labels = [parts.join('/'), target.join('/')].filter((label) => label !== '')
  if (labels.length === 0) return JSON.stringify(facts)
  const own = new RegExp(`(?<!\\w)(?:${labels.map((label) => label.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})(?!\\w)`, 'g')
  return JSON.stringify(facts, (key, value) => (typeof value === 'string' && key !== 'code' ? value.replaceAll(own, '…') : value))
}
