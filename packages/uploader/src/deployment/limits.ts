/** Bounds of a deployment. Times are in milliseconds. */
export interface DeployLimits {
  /** One call to GitLab, or one start: creating a large pipeline takes a while. */
  readonly call: number
  /** How long a pipeline may still appear after a start began: the start itself takes time, and a server may lag behind. */
  readonly settle: number
  /** The first wait between two looks. */
  readonly firstWait: number
  /** The longest wait between two looks. */
  readonly longestWait: number
}

export const defaultDeployLimits: DeployLimits = { call: 60_000, settle: 180_000, firstWait: 2000, longestWait: 30_000 }

/** Grows by half from look to look, with a tenth of jitter. `look` counts from 0. */
export function pause(look: number, { firstWait, longestWait }: DeployLimits, random: () => number): number {
  const wait = Math.min(longestWait, firstWait * 1.5 ** Math.min(look, 20))
  return Math.round(wait * (0.9 + random() / 10))
}
