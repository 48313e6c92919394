const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']

/** Seconds by the words that GitLab accepts for a unit; a month has 30 days there. */
const units: readonly (readonly [RegExp, number])[] = [
  [/^s(?:ecs?|econds?)?$/, 1],
  [/^m(?:ins?|inutes?)?$/, 60],
  [/^(?:h(?:rs?|ours?)?)$/, 3_600],
  [/^d(?:ys?|ays?)?$/, 86_400],
  [/^w(?:ks?|eeks?)?$/, 7 * 86_400],
  [/^mo(?:s|nths?)?$/, 30 * 86_400],
  [/^y(?:rs?|ears?)?$/, 31_557_600],
]

/**
 * `expire_in` as GitLab reads it, in seconds: `21 days`, `2h20min`, `one week and 3 days`, `90`; infinite for `never`.
 * `undefined` if it cannot be read.
 */
export function expirySeconds(text: string): number | undefined {
  const plain = text.trim().toLowerCase()
  if (plain === 'never') return Number.POSITIVE_INFINITY
  if (/^\d+(?:\.\d+)?$/.test(plain)) return Number(plain)
  const clock = /^(\d+):(\d\d)(?::(\d\d))?$/.exec(plain)
  if (clock !== null) {
    const [, first, second, third] = clock
    return third === undefined ? Number(first) * 60 + Number(second) : Number(first) * 3_600 + Number(second) * 60 + Number(third)
  }
  const tokens = plain.match(/\d+(?:\.\d+)?|[a-z]+|[^\sa-z\d]+/g) ?? []
  let total = 0
  let count: number | undefined
  for (const token of tokens) {
    if (token === 'and' || token === ',') continue
    const number = /^\d/.test(token) ? Number(token) : words.indexOf(token)
    const unit = units.find(([name]) => name.test(token))?.[1]
    if (number >= 0 && count === undefined) count = number
    else if (number < 0 && unit !== undefined) {
      total += (count ?? 1) * unit
      count = undefined
    } else return undefined
  }
  return count === undefined && total > 0 ? total : undefined
}
