/** Marks of jobs by comments in a file: `# stagegate: publishes`, `# stagegate: gate`, above the job or within it. */
export interface Marks {
  readonly publishes: readonly string[]
  readonly gates: readonly string[]
}

export function marksIn(yaml: string): Marks {
  const marks = { publishes: [] as string[], gates: [] as string[] }
  let current: string | undefined
  let waiting: ('publishes' | 'gates')[] = []
  for (const line of yaml.split('\n')) {
    const key = keyOf(line)
    if (key !== undefined) {
      current = key
      for (const kind of waiting) marks[kind].push(current)
      waiting = []
    }
    const mark = [...line.matchAll(/(?<=^|\s)#\s*stagegate:\s*(publishes|gate)\b/g)].at(-1)?.[1]
    if (mark === undefined) continue
    const kind = mark === 'gate' ? 'gates' : 'publishes'
    // Unindented, a comment speaks of the job below it.
    if (!/^\s/.test(line) && key === undefined) waiting.push(kind)
    else if (current !== undefined) marks[kind].push(current)
  }
  return marks
}

/** The key that an unindented line begins with, in quotes or not. */
function keyOf(line: string): string | undefined {
  const [, double, single] = /^(?:"([^"]+)"|'([^']+)')\s*:(?:\s|$)/.exec(line) ?? []
  if (double !== undefined || single !== undefined) return double ?? single
  const [end, comment] = [line.search(/:(?:\s|$)/), line.indexOf('#')]
  return end < 1 || /^[\s"'#-]/.test(line) || (comment !== -1 && comment < end) ? undefined : line.slice(0, end).trimEnd()
}

/** The first line of each key at the document's root, from 1. */
export function linesOfKeys(yaml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  for (const [index, line] of yaml.split('\n').entries()) {
    const key = keyOf(line)
    if (key !== undefined && !lines.has(key)) lines.set(key, index + 1)
  }
  return lines
}
