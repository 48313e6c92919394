/** The notes of a release, or why there are none. */
export interface Notes {
  /** Markdown; empty where there are none. */
  readonly text: string
  /** @default there are some */
  readonly because?: string
}

/**
 * The notes of a version in a file: in a changelog, whose headings name versions, the section of this one; otherwise the whole file. A
 * heading names a version as `1.2.3`, `v1.2.3` or `[1.2.3]`. Code blocks have no headings.
 */
export function notesIn(path: string, file: string, version: string): Notes {
  const lines = file.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const headings = headingsOf(lines)
  const all = headings.filter(({ title }) => versionIn(title) !== undefined)
  if (all.length === 0) return filled(lines, `${path} is empty`)
  const found = all.find(({ title }) => versionIn(title) === version)
  if (found === undefined) return { text: '', because: `${path} has no section for ${version}` }
  const next = headings.find(({ line, level }) => line > found.line && level <= found.level)
  return filled(lines.slice(found.line + 1, next?.line), `the section for ${version} in ${path} is empty`)
}

/** The message of an annotated tag, without its signature. */
export function notesOfTag(message: string): Notes {
  return filled(message.replace(/^-----BEGIN (?:PGP|SSH|CMS) (?:SIGNATURE|MESSAGE)-----[\s\S]*/m, '').split('\n'), 'the tag has no message')
}

function filled(lines: readonly string[], because: string): Notes {
  const text = lines.join('\n').trim()
  return text === '' ? { text, because } : { text }
}

interface Heading {
  /** The number of its line, from 0. */
  readonly line: number
  readonly level: number
  readonly title: string
}

function headingsOf(lines: readonly string[]): readonly Heading[] {
  const found: Heading[] = []
  let fence: string | undefined
  for (const [line, text] of lines.entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1]
    if (fence === undefined) fence = mark
    else if (mark?.startsWith(fence) && text.trim() === mark) fence = undefined
    const [, hashes = '', title = ''] = (fence === undefined && /^ {0,3}(#{1,6})[ \t]+(.*)$/.exec(text)) || []
    if (hashes !== '') found.push({ line, level: hashes.length, title })
  }
  return found
}

/** The first word of a heading that is a version: at least two numbers, then anything that is allowed in a version. */
function versionIn(title: string): string | undefined {
  return /(?:^|[\s[(*_`])v?(\d+(?:\.\d+)+(?:[-+~.][0-9A-Za-z.+~-]+)?)(?=$|[\s\]),:*_`])/.exec(title)?.[1]
}
