/** What comments in a file say of its jobs: `# stagegate: publishes`, `# stagegate: gate`, above the job or within it. */
export interface Marks {
  readonly publishes: readonly string[]
  readonly gates: readonly string[]
}

export function marksIn(yaml: string): Marks {
  const marks = { publishes: [] as string[], gates: [] as string[] }
  let current: string | undefined
  let waiting: ('publishes' | 'gates')[] = []
  for (const line of yaml.split('\n')) {
    const mark = /^(\s*)(?:.*\s)?#\s*stagegate:\s*(publishes|gate)\b/.exec(line)
    const job = /^(?!#)(?:"([^"]+)"|'([^']+)'|([^\s"'#-][^#]*?))\s*:(?:\s|$)/.exec(line)
    if (job !== null) {
      current = job[1] ?? job[2] ?? job[3] ?? ''
      for (const kind of waiting) marks[kind].push(current)
      waiting = []
    }
    if (mark === null) continue
    const kind = mark[2] === 'gate' ? 'gates' : 'publishes'
    // Unindented, a comment speaks of the job below it.
    if (mark[1] === '' && job === null) waiting.push(kind)
    else if (current !== undefined) marks[kind].push(current)
  }
  return marks
}
