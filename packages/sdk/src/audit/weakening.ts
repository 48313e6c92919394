import type { IssueFacts } from '../issue/facts.js'
import { sentenceOf } from '../report/issue.js'

/** The reason why a later version protects less than the one before, as data. */
export type Weakening =
  | { readonly is: 'finding'; readonly facts: IssueFacts }
  | { readonly is: 'unread'; readonly file: string }
  | { readonly is: 'publishes-in-kind' }
  | { readonly is: 'automatic' }
  | { readonly is: 'waits-not' | 'waits-unsure'; readonly jobs: readonly string[] }
  | { readonly is: 'unchecked' }
  /** In seconds. */
  | { readonly is: 'hold'; readonly release: string; readonly before: number; readonly now: number }
  | { readonly is: 'one-click'; readonly release: string }
  /** An empty address is a directory. */
  | {
      readonly is: 'moved'
      readonly secrets: 'tokens' | 'credentials'
      readonly owner: string
      readonly before: string
      readonly now: string
    }
  | { readonly is: 'credential'; readonly repository: string; readonly credentials: readonly string[] }
  | { readonly is: 'module'; readonly repository: string; readonly module: string }
  | { readonly is: 'allowed'; readonly variables: readonly string[] }

/** The weakening in words. The subject is the job where it is about one. */
export function wordWeakening(weakening: Weakening): string {
  switch (weakening.is) {
    case 'finding':
      return sentenceOf(weakening.facts)
    case 'unread':
      return `${weakening.file} was not read. It can redefine the jobs of the gate`
    case 'publishes-in-kind':
      return 'now publishes in this kind'
    case 'automatic':
      return 'starts automatically; before, it waited for a click'
    case 'waits-not':
      return `no longer waits for ${weakening.jobs.join(', ')}`
    case 'waits-unsure':
      return `no longer waits for the success of ${weakening.jobs.join(', ')}`
    case 'unchecked':
      return 'no longer checks the sha256 of its command'
    case 'hold':
      return `the hold of ${weakening.release} is reduced from ${days(weakening.before)} days to ${days(weakening.now)}`
    case 'one-click':
      return `one click publishes all of ${weakening.release}; before, each target needed its own`
    case 'moved':
      return `the ${weakening.secrets} of ${weakening.owner} go to ${addressOf(weakening.now)} instead of ${addressOf(weakening.before)}`
    case 'credential':
      return `${weakening.repository} now uses the credential ${weakening.credentials.join(', ')}`
    case 'module':
      return `the credentials of ${weakening.repository} go to different code: ${weakening.module} is new or has changed`
    case 'allowed':
      return `jobs with credentials accept ${weakening.variables.join(', ')}`
  }
}

function days(seconds: number): number {
  return seconds / 86_400
}

function addressOf(origin: string): string {
  return origin || 'a directory'
}
