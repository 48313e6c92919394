import { oneLine, plain } from './output.js'

/**
 * Foreign text in Markdown, unchanged: nothing in it becomes a mention, a link, a quick action, an image or HTML. It is fenced by more
 * backticks than it contains in a row: https://spec.commonmark.org/0.31.2/#code-spans
 */
export function codeSpan(text: string): string {
  const line = oneLine(text)
  const fence = '`'.repeat(longestRun(line) + 1)
  // A space at either end separates a backtick there from the fence; CommonMark removes one space at each end.
  const padded = line === '' || /^[` ]|[` ]$/.test(line) ? ` ${line} ` : line
  return `${fence}${padded}${fence}`
}

/** Foreign lines as a block. Each starts with a character of ours, since a quick action starts with `/`. */
export function codeBlock(language: 'diff', lines: readonly string[]): string {
  const shown = lines.map(oneLine)
  const fence = '`'.repeat(Math.max(3, longestRun(shown.join('\n')) + 1))
  return `${fence}${language}\n${shown.join('\n')}\n${fence}`
}

/** A sentence that may contain foreign text: words stay words, and anything that Markdown or GitLab could interpret becomes code. */
export function prose(sentence: string): string {
  const words = plain(sentence)
    .split(/\s+/)
    .filter((word) => word !== '')
  const pieces: { readonly isCode: boolean; text: string }[] = []
  for (const [index, word] of words.entries()) {
    const isCode = !isWord(word, words[index + 1])
    const last = pieces.at(-1)
    if (last?.isCode === isCode) last.text = `${last.text} ${word}`
    else pieces.push({ isCode, text: word })
  }
  return pieces.map(({ isCode, text }) => (isCode ? codeSpan(text) : text)).join(' ')
}

/**
 * Letters and digits, with hyphens or apostrophes inside, and one punctuation mark at the end. `deploy:` before `[el/9]` is a part of a
 * name.
 */
function isWord(word: string, next: string | undefined): boolean {
  const isPlain = (one: string) => /^[\p{L}\p{N}]+(?:[’'-][\p{L}\p{N}]+)*[,.;:]?$/u.test(one)
  return isPlain(word) && !(word.endsWith(':') && next !== undefined && !isPlain(next))
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

/** Folded content. The title is ours: HTML contains no foreign text. Markdown in HTML starts after an empty line. */
export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}
