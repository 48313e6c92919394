/** Where a command prints: its document to stdout, errors to stderr, and its log to the stream that is free. */
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

/** Characters that a terminal or GitLab's log reads as commands, or that change the order of text. */
const unsafe = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Foreign text must not control the terminal, change its own direction, or open sections in GitLab's log. */
export function plain(text: string): string {
  return text
    .replace(unsafe, (character) => (character === '\n' || character === '\t' ? character : '�'))
    .replace(/section_(start|end):/g, 'section-$1:')
}

/** The same for text that must not look like a separate line. */
export function oneLine(text: string): string {
  return plain(text).replace(/[\n\t]/g, '�')
}

/** A reader of the JSON gets the text unchanged; a terminal does not. */
export function documentOf(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(unsafe, (character) => (character === '\n' ? character : escaped(character)))
}

function escaped(character: string): string {
  // With the flag `u`, the pattern treats two code units as one character.
  return Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
}
