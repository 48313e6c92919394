import { isStagegateError, type Problem, StagegateError } from '@stagegate/schema'
import { quote } from './quote.js'

/** How many causes a problem keeps, and how long each is at most. */
const causeLimit = 5
const textLimit = 300

/**
 * An error as data, with the errors that caused it. Errors of ours are written without secrets; of foreign ones only the first line is kept,
 * without what looks like a credential. A code without the form `area/name` is not ours: it becomes `repository/threw`.
 */
export function problemOf(error: unknown): Problem {
  const message = messageOf(error)
  const causes = causesOf(error, message)
  return { code: codeOf(error), message, ...(causes.length > 0 && { causes }) }
}

/** The same problem, as one of the destination, unless it is the source's. */
export function ofDestination(problem: Problem): Problem {
  return { side: 'destination', ...problem }
}

/** The same problem, as one of the source. */
export function ofSource(problem: Problem): Problem {
  return { ...problem, side: 'source' }
}

/** Adds the last problem to a timeout, which does not explain itself. */
export function withLast(problem: Problem, last: Problem | undefined): Problem {
  if (last === undefined || !isTimeOver(problem) || last.message === problem.message) return problem
  const [first = '', ...more] = problem.message.split('\n')
  const message = [`${first}; last: ${firstLine(last.message)}`, ...more].join('\n')
  return { ...problem, message, ...(last.causes && { causes: last.causes }) }
}

/** The same for an error. */
export function afterLast(error: unknown, last: unknown): unknown {
  if (last === undefined || !isStagegateError(error) || !isTimeOver(error)) return error
  const { code, message } = withLast(problemOf(error), problemOf(last))
  return new StagegateError({ code, what: message, cause: last })
}

export function isTimeOver({ code }: Pick<Problem, 'code'>): boolean {
  return code === 'call/timeout' || code === 'job/time-over'
}

/** Why a run was stopped: an error of ours is kept; any other reason of a program's is its words. */
export function stopOf(reason: unknown): unknown {
  return isStagegateError(reason) ? reason : new StagegateError({ code: 'run/cancelled', what: messageOf(reason), cause: reason })
}

function codeOf(error: unknown): string {
  if (isStagegateError(error)) return error.code
  const code = fieldOf(error, 'code')
  return typeof code === 'string' && /^[a-z][a-z0-9-]{0,60}\/[a-z0-9-]{1,60}$/.test(code) ? code : 'repository/threw'
}

function messageOf(error: unknown): string {
  if (isStagegateError(error)) return error.message
  const [message, name] = [fieldOf(error, 'message'), fieldOf(error, 'name')]
  const texts = [message, name, wordsOf(error)].map((text) => (typeof text === 'string' ? foreign(text) : ''))
  return texts.find((text) => text !== '') ?? 'a promise was rejected without a reason'
}

/** The errors that caused it, the nearest first; without those that the message names already. */
function causesOf(error: unknown, message: string): string[] {
  const causes: string[] = []
  const seen = new Set<unknown>([error])
  const waiting = [...causesIn(error)]
  for (let next = waiting.shift(); next !== undefined && causes.length < causeLimit && seen.size < 50; next = waiting.shift()) {
    if (seen.has(next)) continue
    seen.add(next)
    const text = causeText(next)
    const code = fieldOf(next, 'code')
    const isSaid = [message, ...causes].some((said) => said.includes(text) || (typeof code === 'string' && said.includes(code)))
    if (!isSaid) causes.push(text)
    waiting.unshift(...causesIn(next))
  }
  return causes
}

/** Its cause; of an error that stands for several, those. */
function causesIn(error: unknown): readonly unknown[] {
  const errors = fieldOf(error, 'errors')
  return [fieldOf(error, 'cause'), ...(Array.isArray(errors) ? errors.slice(0, causeLimit) : [])].filter(
    (cause) => cause !== undefined && cause !== null,
  )
}

function causeText(error: unknown): string {
  const message = foreign(messageOf(error))
  const code = fieldOf(error, 'code')
  return typeof code !== 'string' || isStagegateError(error) || message.includes(code) ? message : foreign(`${code}: ${message}`)
}

/** A field of whatever was thrown: anything can be, and a getter can throw. */
function fieldOf(value: unknown, name: string): unknown {
  try {
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  } catch {
    return undefined
  }
}

/** A value that is no error, in words; not every value has any. */
function wordsOf(value: unknown): string {
  try {
    return typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value)
  } catch {
    return ''
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

function foreign(text: string): string {
  return quote(firstLine(text.trim()), withoutCredentials, textLimit)
}

/** Errors of others can quote an address, a header or a body, with the credential in it. */
function withoutCredentials(text: string): string {
  return text
    .replaceAll(/\/\/[^\s/@]*@/g, '//[redacted]@')
    .replaceAll(/\b(bearer|basic)\s+[\w~+/.=-]{6,}/gi, '$1 [redacted]')
    .replaceAll(/([?&;][^=&\s]*(?:token|secret|password|signature|key)[^=&\s]*=)[^&\s#"']+/gi, '$1[redacted]')
    .replaceAll(/("[^"]*" is not valid JSON)|((?<=Unexpected token ).*(?= is not valid JSON))/g, '…')
}
