/** A word quoted for a shell. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  if (/\p{Cc}/u.test(word)) return `$'${word.replace(/[\p{Cc}\\']/gu, escaped)}'`
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function escaped(character: string): string {
  return /\p{Cc}/u.test(character) ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${character}`
}

/** The same call with more options, for the reader to run. */
export function callWith(words: readonly string[], more: readonly (readonly [option: string, values: readonly string[]])[]): string {
  const kept = words.filter((word) => !['--json', '--update-baseline'].includes(word))
  return [
    'stagegate',
    ...kept,
    ...more.flatMap(([option, values]) => values.flatMap((value) => (value.startsWith('-') ? [`${option}=${value}`] : [option, value]))),
  ]
    .map(quoted)
    .join(' ')
}
