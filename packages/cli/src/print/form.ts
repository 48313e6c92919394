import { oneLine } from './output.js'

/** How a log is shown. */
export interface Form {
  /** Lines that stay visible. */
  line(text: string): void
  /** Lines worth reading when something went wrong or takes long. */
  detail(text: string): void
  /** Whether details are hidden until somebody opens them. */
  readonly folds: boolean
  /** The work in progress, if it can be shown in place. */
  readonly live: ((text: string) => void) | undefined
  /** How many columns that has. */
  readonly room?: (() => number) | undefined
  /** Nothing more is printed. */
  close(): void
}

type Variables = Readonly<Record<string, string | undefined>>

/** The form for the reader of that stream. The variables only change its look. */
export function formFor(stream: NodeJS.WriteStream, variables: Variables): Form {
  const write = (text: string) => stream.write(text)
  if (variables['GITLAB_CI'] === 'true') return sections(write, Date.now)
  const ci = !['', '0', 'false'].includes(variables['CI'] ?? '')
  return stream.isTTY && !ci && variables['TERM'] !== 'dumb' ? inPlace(write, () => stream.columns) : lines(write)
}

/** For a file, or any other program's log: one line after another. */
export function lines(write: (text: string) => void): Form {
  return {
    line: (text) => write(`${oneLine(text)}\n`),
    detail: (text) => write(`  ${oneLine(text)}\n`),
    folds: false,
    live: undefined,
    close: () => undefined,
  }
}

/**
 * For GitLab's job log: details are folded in a section, which the next visible line closes. The section's first line is its heading.
 * @see https://docs.gitlab.com/ci/jobs/job_logs/#create-custom-collapsible-sections
 */
export function sections(write: (text: string) => void, now: () => number): Form {
  const seconds = () => Math.floor(now() / 1000)
  // GitLab tells sections apart by their names, also across commands of the same job.
  const first = now()
  let count = 0
  let open: string | undefined
  const close = () => {
    if (open !== undefined) write(`\x1b[0Ksection_end:${seconds()}:${open}\r\x1b[0K\n`)
    open = undefined
  }
  return {
    line: (text) => {
      close()
      write(`${oneLine(text)}\n`)
    },
    detail: (text) => {
      if (open === undefined) {
        open = `stagegate_${first}_${++count}`
        write(`\x1b[0Ksection_start:${seconds()}:${open}[collapsed=true]\r\x1b[0K`)
      }
      write(`  ${oneLine(text)}\n`)
    },
    folds: true,
    live: undefined,
    close,
  }
}

/** For a terminal: below the permanent lines, one line is overwritten again and again. */
export function inPlace(write: (text: string) => void, columns: () => number | undefined): Form {
  let shown = ''
  const width = () => (columns() || 80) - 1
  const wipe = () => {
    if (shown !== '') write('\r\x1b[K')
    shown = ''
  }
  return {
    line: (text) => {
      const below = shown
      wipe()
      write(`${oneLine(text)}\n`)
      if (below !== '') write(below)
      shown = below
    },
    detail: () => undefined,
    folds: false,
    live: (text) => {
      const room = width()
      // Other characters may be wider than one column, and a wrapped line cannot be overwritten.
      const narrow = oneLine(text).replace(/[^\x20-\x7e]/gu, '?')
      const fitting = narrow.length > room ? `${narrow.slice(0, Math.max(0, room - 3))}...` : narrow
      if (fitting === shown) return
      write(`\r\x1b[K${fitting}`)
      shown = fitting
    },
    room: width,
    close: wipe,
  }
}
