/** A part of a file that GitLab reads by itself. */
export interface Part {
  readonly text: string
  /** The number of lines above it. */
  readonly above: number
}

/**
 * Cuts a file as GitLab does before it reads any YAML: at each `---` with white space after it, the indent of the next line included.
 * @see lib/gitlab/config/loader/multi_doc_yaml.rb of GitLab
 */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = []
  let start = 0
  for (const { 0: divider, index } of text.matchAll(/^---[ \t\r\n\f\v]+/gm)) {
    parts.push(partAt(text, start, index))
    start = index + divider.length
  }
  return [...parts, partAt(text, start, text.length)].filter((part) => part.text.trim() !== '')
}

const partAt = (text: string, start: number, end: number): Part => ({
  text: text.slice(start, end),
  above: text.slice(0, start).split('\n').length - 1,
})
