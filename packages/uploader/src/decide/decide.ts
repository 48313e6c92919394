import type { Bytes, Content, Instant, Problem, Seconds, Sha256, Verdict } from '@stagegate/schema'
import type { Written } from '../repository/capabilities.js'

/** What the core makes of an observation. Repositories never say "same" or "different". */
export type State =
  | { readonly is: 'absent' }
  | { readonly is: 'same'; readonly location: string }
  | { readonly is: 'different'; readonly location: string; readonly sha256: Sha256; readonly size: Bytes | undefined }
  /** `final`: asking again is of no use (the credential is refused, say). `retryAfter`: what the server asked for. */
  | { readonly is: 'unknown'; readonly because: Problem; readonly final: boolean; readonly retryAfter?: Seconds | undefined }

/** What is known of the staged bytes; `unread` until something had to be sent. */
export type Staged = 'unread' | 'right' | 'wrong' | 'gone'

/** What has been tried at one destination so far. */
export interface History {
  /** Looks in a row that could not tell. */
  readonly unknown: number
  readonly sends: number
  /** The last write's answer; `ambiguous` when none came. */
  readonly lastWrite: Written['outcome'] | 'ambiguous' | undefined
  /** Looks since the last write that found the artifact absent. One that could not tell says nothing, and does not count. */
  readonly looksSince: number
  /** Until when an accepted upload may stay unlisted. */
  readonly confirmBy: Instant | undefined
}

export interface DecisionLimits {
  /** Looks without an answer, in a row, before giving up. */
  readonly looks: number
  /** Times that the same artifact is sent to the same destination. */
  readonly sends: number
  /** Looks that find nothing after an ambiguous answer, before the artifact counts as not arrived. */
  readonly looksAfterAmbiguous: number
}

export type Decision =
  | { readonly do: 'copy' }
  /** Wait (longer each time: `attempt` counts from 1), then look again. */
  | { readonly do: 'look'; readonly attempt: number }
  | { readonly do: 'stop'; readonly verdict: Verdict }

export const untried: History = { unknown: 0, sends: 0, lastWrite: undefined, looksSince: 0, confirmBy: undefined }

/**
 * The whole decision of a transfer, for one artifact at one destination. Unknown is never taken for absent, and after
 * anything but a clear refusal the destination is looked at before anything is sent again.
 */
export function decide(seen: State, staged: Staged, history: History, limits: DecisionLimits, now: Instant): Decision {
  switch (seen.is) {
    case 'same':
      return stop(history.lastWrite === 'accepted' || history.lastWrite === 'ambiguous' ? 'published' : 'already-public')
    case 'different':
      return stop('conflict')
    case 'unknown':
      if (seen.final) return stop('failed')
      return history.unknown < limits.looks ? { do: 'look', attempt: history.unknown } : stop('undetermined')
    case 'absent':
      return whenAbsent(staged, history, limits, now)
  }
}

function whenAbsent(staged: Staged, history: History, limits: DecisionLimits, now: Instant): Decision {
  // What the server took was right; a later reading for another destination says nothing about it.
  if (history.lastWrite === 'accepted') return whileUnlisted(history, now)
  if (staged === 'wrong') return stop('tampered')
  if (staged === 'gone') return stop('missing')
  switch (history.lastWrite) {
    case undefined:
    case 'ambiguous':
      if (history.lastWrite === 'ambiguous' && history.looksSince < limits.looksAfterAmbiguous) {
        return { do: 'look', attempt: history.looksSince }
      }
      return history.sends < limits.sends ? { do: 'copy' } : stop('undetermined')
    case 'refused':
      return stop('failed')
    case 'exists':
      return whileUnlisted(history, now)
  }
}

/** The server says that it has the artifact and does not show it: its index lags, or it lost the bytes. */
function whileUnlisted({ confirmBy, looksSince }: History, now: Instant): Decision {
  return confirmBy !== undefined && now < confirmBy ? { do: 'look', attempt: looksSince } : stop('undetermined')
}

/** An observation with a digest, judged. Without a digest nothing can be said here. */
export function judge(location: string, seen: Sha256, size: Bytes | undefined, expected: Content): State {
  return seen === expected.sha256 ? { is: 'same', location } : { is: 'different', location, sha256: seen, size }
}

function stop(verdict: Verdict): Decision {
  return { do: 'stop', verdict }
}
