/** Where a command prints: its document to stdout, errors to stderr, its log to whichever is free. */
export interface Output {
  /** Where the log goes. */
  readonly stream: NodeJS.WriteStream
  /** A line of the log. */
  log(line: string): void
  /** The document that `--json` asks for. */
  document(value: unknown): void
}

export function outputFor(json: boolean): Output {
  const stream = json ? process.stderr : process.stdout
  return {
    stream,
    log: (line) => stream.write(`${plain(line)}\n`),
    document: (value) => {
      if (json) process.stdout.write(`${documentOf(value)}\n`)
    },
  }
}

/** Characters that a terminal or GitLab's log reads as commands, or shows in another order. */
const unsafe = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Text from outside must not drive the terminal, turn its own direction, nor open sections in GitLab's log. */
export function plain(text: string): string {
  return text
    .replace(unsafe, (character) => (character === '\n' || character === '\t' ? character : '�'))
    .replace(/section_(start|end):/g, 'section-$1:')
}

/** The same, for what must not look like a line of its own. */
export function oneLine(text: string): string {
  return plain(text).replace(/[\n\t]/g, '�')
}

/** A reader of the JSON gets the text as it is; a terminal does not. */
export function documentOf(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(unsafe, (character) => (character === '\n' ? character : escaped(character)))
}

function escaped(character: string): string {
  // The `u` of the pattern makes of two units one character.
  return Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
}
