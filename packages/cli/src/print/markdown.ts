import { oneLine, plain } from './output.js'

/**
 * A text of others in Markdown, as it is: nothing in it is a mention, a link, a quick action, an image or HTML. A fence of more backticks than the
 * text has in a row holds it: https://spec.commonmark.org/0.31.2/#code-spans
 */
export function codeSpan(text: string): string {
  const line = oneLine(text)
  const fence = '`'.repeat(longestRun(line) + 1)
  // A space at either end keeps a backtick there from the fence; CommonMark takes one from each end away again.
  const padded = line === '' || /^[` ]|[` ]$/.test(line) ? ` ${line} ` : line
  return `${fence}${padded}${fence}`
}

/** Lines of others as a block, which begins each with a character of ours: a line with a quick action begins with `/`. */
export function codeBlock(language: 'diff', lines: readonly string[]): string {
  const shown = lines.map(oneLine)
  const fence = '`'.repeat(Math.max(3, longestRun(shown.join('\n')) + 1))
  return `${fence}${language}\n${shown.join('\n')}\n${fence}`
}

/** A sentence in which others may have a say: words stay words, and anything that Markdown or GitLab could read as something else is code. */
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

/** Letters and digits, a hyphen or an apostrophe among them, one mark of punctuation after them. `deploy:` before `[el/9]` is a part of a name. */
function isWord(word: string, next: string | undefined): boolean {
  const isPlain = (one: string) => /^[\p{L}\p{N}]+(?:[’'-][\p{L}\p{N}]+)*[,.;:]?$/u.test(one)
  return isPlain(word) && !(word.endsWith(':') && next !== undefined && !isPlain(next))
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

/** Folded content. The title is ours: HTML holds no text of others. Markdown in HTML begins after an empty line. */
export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}
