/** See activity.mjs. */
export class Activity {
  /**
   * Whether anything has moved since the last time: a byte or a timer here, a byte in a process that was started from here, a timer
   * in one of Node's. Elsewhere than on Linux nothing is known of other processes.
   */
  sample(): boolean
}
/** Processes that this one has started, and those that they have started. */
export function childrenOf(pid: number): readonly number[]
export function commandOf(pid: number): readonly string[]
export function isNode(pid: number): boolean
