/** A reader of what others wrote. */
export interface Target {
  /** As `npm run fuzz -- SECONDS NAME` takes it, and as its folder in the corpus is called. */
  readonly name: string
  /** Sound inputs to begin with. */
  readonly seeds: readonly Uint8Array[]
  /** Words of the format. */
  readonly dictionary: readonly string[]
  /** Of an input, in bytes. @default 256 KiB */
  readonly largest?: number
  /** Makes good again what keeps a changed input from being read at all: a checksum, a length. */
  readonly mend?: (input: Buffer) => Buffer
  /**
   * Reads it, and looks at what comes out.
   * @returns what kind of outcome it was, in few words: an input with a new kind is kept and changed further
   * @throws {Error} for a value that must never come out
   */
  readonly read: (input: Buffer) => string | Promise<string>
  /** Whether an error is the reader's own way to refuse. */
  readonly refuses: (error: unknown) => boolean
}

export function bytesOf(...texts: readonly string[]): readonly Uint8Array[] {
  return texts.map((text) => Buffer.from(text))
}

/** @throws {Error} that says what was expected */
export function mustHold(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected ${what}`)
}
