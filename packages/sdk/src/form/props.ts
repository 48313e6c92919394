import { Secret } from '../secret.js'
import { checked, isRecord, type Keyword, type KeywordProblem, shown } from './keyword.js'

/** A value that is judged elsewhere. */
export const anything: Keyword<unknown> = { render: () => undefined }

/** The key may be left out, and is no place for a variable that was never set. */
export function neverUndefined<T>(keyword: Keyword<T>): Keyword<T> {
  return { ...keyword, refusesUndefined: true }
}

/** An object of one of the SDK's classes; some of their constructors are private. */
export function instanceOf<T>(type: { readonly prototype: T; readonly name: string }): Keyword<T> {
  const fits = (value: unknown) => typeof type === 'function' && value instanceof type
  return checked<T>({ expected: `a ${type.name}`, fits }, () => undefined)
}

/** A credential. Another value is not repeated: it may be the credential itself. */
export const secret: Keyword<Secret> = checked(
  { expected: 'a Secret, such as Secret.variable(…)', fits: (value) => value instanceof Secret },
  ({ variable }) => variable,
  (value) => (typeof value === 'string' ? 'a text' : shown(value)),
)

/** A credential that is sent as it is, so that its variable has to hold the value. */
export const credential: Keyword<Secret> = {
  render(value, at, report) {
    if (!(value instanceof Secret) || value.file === undefined) return secret.render(value, at, report)
    const expected = 'a Secret whose variable holds the value, such as Secret.variable(…)'
    report({ is: 'value', keyword: at, expected, found: `Secret.file(${JSON.stringify(value.variable)}), a path` })
    return undefined
  },
}

/** A token that GitLab makes for the job itself. */
export const idToken: Keyword<Secret> = {
  render(value, at, report) {
    if (!(value instanceof Secret) || value.idToken !== undefined) return secret.render(value, at, report)
    report({ is: 'value', keyword: at, expected: 'a token of the job, such as Secret.idToken(…)', found: `the variable ${value.variable}` })
    return undefined
  },
}

/** An error at a line that may hold a credential: whoever reports it does not show the line. */
function withoutLine(error: TypeError): TypeError {
  return Object.assign(error, { hidesLine: true })
}

/** The problems of properties: unknown ones, and the first wrong value, as an error. */
export interface PropertyProblems {
  readonly unknown: readonly (KeywordProblem & { readonly is: 'unknown' })[]
  readonly wrong: TypeError | undefined
}

/** @param of names what has the properties, in messages */
export function problemsOf<T>(props: T, form: Keyword<T>, of: string): PropertyProblems {
  const unknown: (KeywordProblem & { is: 'unknown' })[] = []
  const values: (KeywordProblem & { is: 'value' })[] = []
  form.render(props, '', (problem) => (problem.is === 'unknown' ? unknown.push(problem) : values.push(problem)))
  const [first] = values
  if (first === undefined) return { unknown, wrong: undefined }
  const { keyword, expected, found } = first
  if (keyword === '') return { unknown, wrong: new TypeError(`Expected ${of} to have properties, got ${found}`) }
  const slip = unknown.find(({ meant }) => meant === keyword)?.keyword
  const isAbsent = found === 'undefined' && isRecord(props) && !Object.hasOwn(props, keyword) && !/[.[]/.test(keyword)
  const message = isAbsent
    ? `Expected ${keyword} among the properties of ${of}${slip === undefined ? '' : `; is ${slip} a typo?`}`
    : `Expected ${expected}${/[,:]/.test(expected) ? ',' : ''} in ${keyword}, got ${found}`
  const isCredential = expected.includes('Secret')
  const isValue = isCredential && !isAbsent && !found.startsWith('Secret.file(')
  const wrong = new TypeError(isValue ? `${message}. Never write the value itself in pipeline.ts` : message)
  return { unknown, wrong: isCredential ? withoutLine(wrong) : wrong }
}

/** @throws {TypeError} the first problem of a function's options */
export function expectOptions<T>(options: T, form: Keyword<T>, of: string): void {
  const { unknown, wrong } = problemsOf(options, form, of)
  const [first] = unknown
  if (first !== undefined)
    throw withoutLine(
      new TypeError(`${of} has no option ${first.keyword}${first.meant === undefined ? '' : `; did you mean ${first.meant}?`}`),
    )
  if (wrong !== undefined) throw wrong
}
