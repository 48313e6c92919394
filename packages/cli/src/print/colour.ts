import { styleText } from 'node:util'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Whether the reader of the stream shows colours. `FORCE_COLOR` takes precedence over `NO_COLOR`, as in Node itself.
 * @see https://no-color.org
 */
export function takesColour(stream: { readonly isTTY?: boolean | undefined }, variables: Variables): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: terminal } = variables
  if (forced !== undefined) return !['0', 'false'].includes(forced)
  return stream.isTTY === true && (none ?? '') === '' && terminal !== 'dumb'
}

const heads = [
  { at: /^(?:stagegate|error)(?=: )/gm, style: 'red' },
  { at: /^WEAKER(?= )/gm, style: 'red' },
  { at: /^(?:warning|Note)(?=: )/gm, style: 'yellow' },
] as const

/** A report whose lines start with their severity, in colour if the stream supports it. The text is already plain. */
export function painted(text: string, stream: NodeJS.WriteStream, variables: Variables = process.env): string {
  if (!takesColour(stream, variables)) return text
  return heads.reduce((all, { at, style }) => all.replace(at, (word) => styleText(style, word, { validateStream: false })), text)
}
