/** Alternately text and the inside of a `$[[ … ]]`. */
export function blocksIn(text: string): readonly string[] {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const start = text.indexOf('$[[', at)
    const end = start === -1 ? -1 : text.indexOf(']]', start + 3)
    if (end === -1) return [...parts, text.slice(at)]
    parts.push(text.slice(at, start), text.slice(start + 3, end).trim())
    at = end + 2
  }
}
