/** The size of the pieces that move. TLS brings records of 16 KiB: each by itself costs a third more time in hashing and sending. */
export const pieceSize = 256 * 1024

/**
 * Joins what comes in one turn of the event loop into pieces of 256 KiB or a little more. At the turn's end it hands on what there
 * is, so that nothing that came is kept waiting for what may never come.
 */
export class Gather {
  readonly #onPiece: (piece: Buffer) => void
  #chunks: Buffer[] = []
  #length = 0
  #turn: NodeJS.Immediate | undefined

  constructor(onPiece: (piece: Buffer) => void) {
    this.#onPiece = onPiece
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length >= pieceSize) this.flush()
    else this.#turn ??= setImmediate(() => this.flush())
  }

  /** Hands on what has come. */
  flush(): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
    const [first, ...others] = this.#chunks
    if (first === undefined) return
    const piece = others.length === 0 ? first : Buffer.concat(this.#chunks, this.#length)
    this.#chunks = []
    this.#length = 0
    this.#onPiece(piece)
  }

  /** Nobody wants the rest. */
  drop(): void {
    clearImmediate(this.#turn)
    this.#chunks = []
    this.#length = 0
  }
}
