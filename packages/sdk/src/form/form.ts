/** A form that a value can have. The keywords of the SDK write values of a form, the linter judges them. */
export interface Form {
  /** Completes "should be …" and "expected …": `a string`. */
  readonly expected: string
  readonly fits: (value: unknown) => boolean
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}

export const aString: Form = { expected: 'a string', fits: isText }
export const trueOrFalse: Form = { expected: 'true or false', fits: isFlag }
export const strings: Form = { expected: 'a list of strings', fits: isTexts }
export const stringOrStrings: Form = { expected: 'a string or a list of strings', fits: (value) => isText(value) || isTexts(value) }
export const integers: Form = {
  expected: 'an integer or a list of integers',
  fits: (value) => Number.isInteger(value) || (Array.isArray(value) && value.every(Number.isInteger)),
}

export function choiceOf(choices: readonly (string | boolean)[]): Form {
  return { expected: `one of ${choices.join(', ')}`, fits: (value) => choices.some((choice) => choice === value) }
}

export function integerFrom(least: number, most: number): Form {
  return {
    expected: `an integer from ${least} to ${most}`,
    fits: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  }
}
