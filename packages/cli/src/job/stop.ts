import { StagegateError } from '@stagegate/schema'
import { duration } from '../print/time.js'

const minute = 60_000

/**
 * Runs something that can be stopped. A cancelled job gets SIGTERM, and a person presses Ctrl-C. A job also stops itself shortly before its
 * time is over, since GitLab keeps no artifacts of a job that times out. Completed work is kept and reported.
 */
export async function whileRunning<T>(
  run: (signal: AbortSignal) => Promise<T>,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<T> {
  const controller = new AbortController()
  const abort = (code: string, what: string) => controller.abort(new StagegateError({ code, what }))
  const stop = (name: NodeJS.Signals) => abort('job/stopped', `stopped by ${name}`)
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  const time = jobTime(variables)
  const over = () => abort('job/time-over', `the job’s timeout of ${duration(time?.whole ?? 0)} (CI_JOB_TIMEOUT) is almost reached`)
  // setTimeout accepts no more than 31 bits.
  const timer = time && setTimeout(over, Math.min(2 ** 31 - 1, Math.max(0, time.usable - process.uptime() * 1000)))
  try {
    return await run(controller.signal)
  } finally {
    clearTimeout(timer)
    process.off('SIGTERM', stop)
    process.off('SIGINT', stop)
  }
}

/**
 * The job's own time limit, less the time to report what was done, in milliseconds. It comes from a variable of the job, which is believed:
 * it can only end a job early.
 * @see https://docs.gitlab.com/ci/variables/predefined_variables/
 */
export function jobTime({ CI_JOB_TIMEOUT }: Readonly<Record<string, string | undefined>>): { whole: number; usable: number } | undefined {
  if (CI_JOB_TIMEOUT === undefined || !/^[1-9]\d{0,8}$/.test(CI_JOB_TIMEOUT)) return undefined
  const whole = Number(CI_JOB_TIMEOUT) * 1000
  return { whole, usable: whole - Math.min(5 * minute, whole / 4) }
}
