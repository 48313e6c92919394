/** Where a command prints: its document to stdout, errors to stderr, its log to whichever is free. */
export interface Output {
  /** A line of the log. */
  log(line: string): void
  /** The document that `--json` asks for. */
  document(value: unknown): void
}

export function outputFor(json: boolean): Output {
  return {
    log: (line) => (json ? process.stderr : process.stdout).write(`${plain(line)}\n`),
    document: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
    },
  }
}

/** Text from outside must not drive the terminal, nor open sections in GitLab's log. */
export function plain(text: string): string {
  return text
    .replace(/\p{Cc}/gu, (character) => (character === '\n' || character === '\t' ? character : '�'))
    .replace(/section_(start|end):/g, 'section-$1:')
}
