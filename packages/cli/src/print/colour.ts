import { styleText } from 'node:util'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Whether what reads the stream shows colours. `FORCE_COLOR` outranks `NO_COLOR`, as in Node itself.
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

/** A report whose lines begin with their severity: in colour where the stream takes it. The text has been made plain before. */
export function painted(text: string, stream: NodeJS.WriteStream, variables: Variables = process.env): string {
  if (!takesColour(stream, variables)) return text
  return heads.reduce((all, { at, style }) => all.replace(at, (word) => styleText(style, word, { validateStream: false })), text)
}
