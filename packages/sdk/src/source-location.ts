import { fileURLToPath } from 'node:url'

/** A place in the author's code. `file` is absolute; lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Where the function was called that it stands in: one of the author's that makes several constructs. Absent outside of functions. */
  readonly calledAt?: Omit<SourceLocation, 'calledAt'>
}

let standIn: SourceLocation | undefined

/** Constructs made inside `make` count as made at `source`: those that a release makes for its author. */
export function madeAt<T>(source: SourceLocation, make: () => T): T {
  const before = standIn
  standIn = source
  try {
    return make()
  } finally {
    standIn = before
  }
}

/** Where `callee` was called: for a constructor, the line with its `new`. */
export function locate(callee: (abstract new (...args: never) => unknown) | ((...args: never) => unknown)): SourceLocation {
  if (standIn !== undefined) return standIn
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, callee)
  const [first, second] = ownFrames(holder.stack ?? '')
  if (first === undefined) return { file: 'unknown', line: 0, column: 0 }
  return { ...first, ...(second !== undefined && { calledAt: second }) }
}

/** The author's place, and the one in the author's code that called it. */
function ownFrames(stack: string): readonly SourceLocation[] {
  const lines = stack.split('\n')
  return lines.flatMap((line, index) => {
    const frame = frameOf(line)
    // An `await` is no call, and a callback of `map` is where `map` is called.
    const isCaller = !/^\s+at async /.test(line) && !/^\s+at .*\(<anonymous>\)$/.test(lines[index - 1] ?? '')
    return frame !== undefined && isCaller && !/[\\/]node_modules[\\/]/.test(frame.file) ? [frame] : []
  })
}

/** The first place in a stack that is in a file. */
export function firstFrame(stack: string): SourceLocation | undefined {
  for (const line of stack.split('\n')) {
    const frame = frameOf(line)
    if (frame !== undefined) return frame
  }
  return undefined
}

function frameOf(line: string): SourceLocation | undefined {
  // A folder's name can have parentheses of its own; a frame of `eval` has brackets, and is not the author's.
  const match = /^\s+at (?:.*? \()?((?:file:\/\/|\/|[A-Za-z]:\\)[^<>]*):(\d+):(\d+)\)?$/.exec(line)
  if (match?.[1] === undefined) return undefined
  const file = match[1].startsWith('file://') ? fileURLToPath(match[1].replace(/\?.*$/, '')) : match[1]
  return { file, line: Number(match[2]), column: Number(match[3]) }
}
