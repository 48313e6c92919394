import { isDiskTrouble } from '../contract/disk-trouble.js'
import { isFinal } from '../contract/refusal.js'

/** How a write ended that threw: an answer is clear, or the destination has to be looked at before anything is sent again. */
export function afterThrow(error: unknown): 'refused' | 'no-room' | 'ambiguous' {
  if (isFinal(error)) return 'refused'
  return isDiskTrouble(error) ? 'no-room' : 'ambiguous'
}
