/**
 * Runs something that can be told to stop: a cancelled job gets SIGTERM, a person presses Ctrl-C. What has been done by
 * then is kept, and said.
 */
export async function whileRunning<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = (name: NodeJS.Signals) => controller.abort(new Error(`stopped by ${name}`))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  try {
    return await run(controller.signal)
  } finally {
    process.off('SIGTERM', stop)
    process.off('SIGINT', stop)
  }
}
