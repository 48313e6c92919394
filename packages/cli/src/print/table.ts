/** Columns as wide as their widest cell, with two spaces between them; the last one ends where its text ends. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<number[]>((sums, row) => row.map((cell, index) => Math.max(sums[index] ?? 0, cell.length)), [])
  return rows.map((row) => row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  '))
}

/** Narrower columns are not wrapped: a column of single words is harder to read than a long line. */
const narrowest = 24

/** The same, with the last column wrapped at spaces if a line would be wider than the terminal. Lists of several lines keep theirs. */
export function wrappedTable(rows: readonly (readonly string[])[], columns: number | undefined): readonly string[] {
  const lines = table(rows)
  if (columns === undefined) return lines
  const widths = rows.reduce<number[]>((sums, row) => row.slice(0, -1).map((cell, index) => Math.max(sums[index] ?? 0, cell.length)), [])
  return lines.flatMap((line, index) => {
    const row = rows[index] ?? []
    const start = widths.slice(0, row.length - 1).reduce((sum, width) => sum + width + 2, 0)
    if (line.length <= columns || columns - start < narrowest) return [line]
    const [first = '', ...others] = wrapped(line.slice(start), columns - start)
    return [line.slice(0, start) + first, ...others.map((one) => ' '.repeat(start) + one)]
  })
}

/** A word that is too wide stays whole, so that it can be copied. */
function wrapped(text: string, room: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** `1.2 MiB` */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
