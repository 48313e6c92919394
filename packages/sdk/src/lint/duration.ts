// The grammar of ChronicDuration, with which GitLab reads durations: numbers (in words too) and units in any order and spacing, `1:30` as a
// clock, and filler words such as "and", "with", "plus".

const unitSeconds: Readonly<Record<string, number>> = {
  ...named(['seconds', 'second', 'secs', 'sec', 's'], 1),
  ...named(['minutes', 'minute', 'mins', 'min', 'm'], 60),
  ...named(['hours', 'hour', 'hrs', 'hr', 'h'], 3_600),
  ...named(['days', 'day', 'dy', 'd'], 86_400),
  ...named(['weeks', 'week', 'wks', 'wk', 'w'], 604_800),
  ...named(['months', 'month', 'mos', 'mo'], 2_592_000),
  ...named(['years', 'year', 'yrs', 'yr', 'y'], 31_557_600),
}
const clockSeconds = [1, 60, 3_600, 86_400, 2_592_000, 31_557_600]
const joinWords = ['and', 'with', 'plus']

const small = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
]
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']

/** The seconds of a duration as GitLab reads it; `undefined` if it finds none, or zero. */
export function secondsIn(duration: string): number | undefined {
  const input = inDigits(duration.toLowerCase())
  const seconds = clock(input) ?? words(input)
  return seconds === undefined || seconds === 0 ? undefined : seconds
}

function clock(input: string): number | undefined {
  const parts = input.replaceAll(' ', '').split(':')
  if (parts.length < 2 || parts.length > clockSeconds.length || !parts.every((part) => /^\d*\.?\d+$/.test(part))) return undefined
  return parts.toReversed().reduce((sum, part, index) => sum + Number(part) * (clockSeconds[index] ?? 0), 0)
}

function words(input: string): number | undefined {
  const known: (number | string)[] = []
  for (const raw of input.replace(/\d*\.?\d+/g, ' $& ').split(/\s+/)) {
    const word = raw.replace(/^,|,$/g, '')
    if (/^\d*\.?\d+$/.test(word)) known.push(Number(word))
    else if (Object.hasOwn(unitSeconds, word)) known.push(word)
    else if (word !== '' && !joinWords.includes(word)) return undefined
  }
  if (typeof known[0] === 'string') known.unshift(1)
  return known.reduce<number>((sum, item, index) => {
    if (typeof item === 'string') return sum
    const unit = known[index + 1] ?? 's'
    // A number after a number is ignored.
    return sum + item * (typeof unit === 'string' ? (unitSeconds[unit] ?? 0) : 0)
  }, 0)
}

function inDigits(input: string): string {
  const withTens = input.replace(
    new RegExp(`\\b(${tens.join('|')})(?:[ -](${small.slice(1, 10).join('|')}))?\\b`, 'g'),
    (_, ten: string, one: string | undefined) => String((tens.indexOf(ten) + 2) * 10 + (one === undefined ? 0 : small.indexOf(one))),
  )
  const withSmall = withTens.replace(new RegExp(`\\b(${small.join('|')})\\b`, 'g'), (word) => String(small.indexOf(word)))
  return withSmall.replace(/\b(\d+) hundred\b/g, (_, count: string) => String(Number(count) * 100))
}

function named(names: readonly string[], seconds: number): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, seconds]))
}
