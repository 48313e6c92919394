import { isStagegateError, type Problem } from '@stagegate/schema'

/** An error as data. Errors of ours are written without secrets; of foreign ones only the code and first line are kept. */
export function problemOf(error: unknown): Problem {
  if (isStagegateError(error)) return { code: error.code, message: error.message }
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
    return { code, message: error.message.split('\n', 1)[0] ?? code }
  }
  return { code: 'unknown', message: String(error) }
}

/** The same problem, as one of the destination, unless it is the source's. */
export function ofDestination(problem: Problem): Problem {
  return { side: 'destination', ...problem }
}

/** The same problem, as one of the source. */
export function ofSource(problem: Problem): Problem {
  return { ...problem, side: 'source' }
}
