/** A word as a shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** The same call with more options, for the person who reads it to run. */
export function callWith(words: readonly string[], more: readonly (readonly [option: string, values: readonly string[]])[]): string {
  const kept = words.filter((word) => !['--json', '--update-baseline'].includes(word))
  return ['stagegate', ...kept, ...more.flatMap(([option, values]) => values.flatMap((value) => [option, value]))].map(quoted).join(' ')
}
