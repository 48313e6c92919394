import { type Bytes, type Content, type Instant, later, type Problem, type Sha256, type Verdict } from '@stagegate/schema'
import type { Written } from '../contract/capabilities.js'

/** An observation, judged. Repositories never say "same" or "different". */
export type State =
  | { readonly is: 'absent' }
  | { readonly is: 'same'; readonly location: string }
  | { readonly is: 'different'; readonly location: string; readonly sha256: Sha256; readonly size: Bytes | undefined }
  | Unknown

export interface Unknown {
  readonly is: 'unknown'
  readonly because: Problem
  /** The error, where there was one. */
  readonly cause?: unknown
  /** A retry cannot help, for example if the credential is refused. */
  readonly final: boolean
  /** The server answered, but the answer does not tell. */
  readonly answered?: boolean | undefined
  /** The server asks to retry later, which is not a failure. */
  readonly putOff?: boolean | undefined
  /** When the server allows a retry. */
  readonly until?: Instant | undefined
}

/**
 * The state of the staged bytes: `unread` until something had to be sent. `refused`: staging says no for good;
 * `silent`: it could not be read however often it was tried.
 */
export type Staged = 'unread' | 'right' | 'wrong' | 'gone' | 'refused' | 'silent'

/** Everything that was tried at one destination so far. */
export interface History {
  /** Consecutive looks without a result. */
  readonly unknown: number
  /** Looks that the server asked to postpone. */
  readonly putOff: number
  readonly sends: number
  /** The last write's answer; `ambiguous` when none came, `no-room` when the destination's disk did not take it. */
  readonly lastWrite: Written['outcome'] | 'ambiguous' | 'no-room' | undefined
  /** Looks since the last write that found the artifact absent. One that could not tell says nothing, and does not count. */
  readonly looksSince: number
  /** Until when an accepted upload may stay unlisted. */
  readonly confirmBy: Instant | undefined
}

/** Everything that is known about one artifact at one destination. */
export interface Knowledge {
  readonly seen: State
  readonly staged: Staged
  readonly history: History
}

/** Limits of what is tried at one destination. */
export interface DecisionLimits {
  /** Looks without an answer, in a row, before giving up. */
  readonly looks: number
  /** How often a server may ask to retry later. */
  readonly putOffs: number
  /** The longest wait that a server may ask for, in milliseconds. */
  readonly longestPutOff: number
  /** Times that the same artifact is sent to the same destination. */
  readonly sends: number
  /** Looks that find nothing after an ambiguous answer, before the artifact counts as not arrived. */
  readonly looksAfterAmbiguous: number
}

export type Decision =
  | { readonly do: 'copy' }
  /** Wait (longer each time: `attempt` counts from 1; 0 is no wait but the one that the server asks for), then look again. */
  | { readonly do: 'look'; readonly attempt: number }
  | { readonly do: 'stop'; readonly verdict: Verdict }

export const untried: History = { unknown: 0, putOff: 0, sends: 0, lastWrite: undefined, looksSince: 0, confirmBy: undefined }

/**
 * The whole decision of a transfer, for one artifact at one destination. Unknown is never taken for absent, and after
 * anything but a clear refusal the destination is looked at before anything is sent again.
 */
export function decide({ seen, staged, history }: Knowledge, limits: DecisionLimits, now: Instant): Decision {
  switch (seen.is) {
    case 'same':
      // A disk can fail right after the artifact got its name.
      return stop(['accepted', 'ambiguous', 'no-room'].includes(history.lastWrite ?? '') ? 'published' : 'already-public')
    case 'different':
      return stop('conflict')
    case 'unknown':
      return whenUnknown(seen, history, limits, now)
    case 'absent':
      return whenAbsent(staged, history, limits, now)
  }
}

function whenUnknown({ final, putOff, until }: Unknown, history: History, limits: DecisionLimits, now: Instant): Decision {
  if (final) return stop('failed')
  if (until !== undefined && until > later(now, limits.longestPutOff / 1000)) return stop('undetermined')
  if (putOff)
    return history.putOff < limits.putOffs ? { do: 'look', attempt: until === undefined ? history.putOff : 0 } : stop('undetermined')
  // A server that has taken it may still be at work on it, and has the time for that.
  const atWork = history.lastWrite === 'accepted' && history.confirmBy !== undefined && now < history.confirmBy
  return history.unknown < limits.looks || atWork ? { do: 'look', attempt: history.unknown } : stop('undetermined')
}

function whenAbsent(staged: Staged, history: History, limits: DecisionLimits, now: Instant): Decision {
  // The server accepted the right bytes; a later reading for another destination says nothing about them.
  if (history.lastWrite === 'accepted') return whileUnlisted(history, now)
  switch (staged) {
    case 'wrong':
      return stop('tampered')
    case 'gone':
      return stop('missing')
    case 'refused':
      return stop('failed')
    case 'silent':
      return stop('undetermined')
    case 'unread':
    case 'right':
      return whenSendable(history, limits, now)
  }
}

function whenSendable(history: History, limits: DecisionLimits, now: Instant): Decision {
  if (history.putOff >= limits.putOffs) return stop('undetermined')
  switch (history.lastWrite) {
    case undefined:
    case 'ambiguous':
      if (history.lastWrite === 'ambiguous' && history.looksSince < limits.looksAfterAmbiguous) {
        return { do: 'look', attempt: history.looksSince }
      }
      return history.sends < limits.sends ? { do: 'copy' } : stop('undetermined')
    case 'refused':
      return stop('failed')
    case 'no-room':
      return stop('undetermined')
    default:
      return whileUnlisted(history, now)
  }
}

/** The server says that it has the artifact and does not show it: its index lags, or it lost the bytes. */
function whileUnlisted({ confirmBy, looksSince }: History, now: Instant): Decision {
  return confirmBy !== undefined && now < confirmBy ? { do: 'look', attempt: looksSince } : stop('undetermined')
}

/** The history with one more look. */
export function afterLook(history: History, seen: State): History {
  if (seen.is !== 'unknown') return { ...history, unknown: 0, looksSince: history.looksSince + (seen.is === 'absent' ? 1 : 0) }
  return seen.putOff ? { ...history, putOff: history.putOff + 1 } : { ...history, unknown: history.unknown + 1 }
}

/** An observation with a digest, judged. Without a digest nothing can be said here. */
export function judge(location: string, seen: Sha256, size: Bytes | undefined, expected: Content): State {
  return seen === expected.sha256 ? { is: 'same', location } : { is: 'different', location, sha256: seen, size }
}

function stop(verdict: Verdict): Decision {
  return { do: 'stop', verdict }
}
