/** A part of a file that GitLab reads separately. */
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
  let [start, above] = [0, 0]
  const take = (end: number, next: number): void => {
    const part = text.slice(start, end)
    if (part.trim() !== '') parts.push({ text: part, above })
    above += linesIn(text.slice(start, next))
    start = next
  }
  for (const { 0: divider, index } of text.matchAll(/^---[ \t\r\n\f\v]+/gm)) take(index, index + divider.length)
  take(text.length, text.length)
  return parts
}

const linesIn = (text: string): number => text.split('\n').length - 1
