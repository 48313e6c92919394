/** As few patterns as say these names and no other: `publish-*` where there are several of them. */
export function patternsOf(names: readonly string[], all: readonly string[]): readonly string[] {
  const wanted = new Set(names)
  const others = all.filter((name) => !wanted.has(name))
  const starts = new Map<string, number>()
  for (const name of names) for (const start of startsOf(name)) starts.set(start, (starts.get(start) ?? 0) + 1)
  const patterns = names.map((name) => {
    const start = startsOf(name).find((one) => (starts.get(one) ?? 0) > 2 && !others.some((other) => other.startsWith(one)))
    return start === undefined ? name : `${start}*`
  })
  return [...new Set(patterns)]
}

/** The beginnings of a name up to each of its separators, the shortest first. */
function startsOf(name: string): readonly string[] {
  return [...name.matchAll(/[-_:/ ]+\[?/g)]
    .map(({ index, 0: separator }) => name.slice(0, index + separator.length))
    .filter((one) => !one.includes('*'))
}
