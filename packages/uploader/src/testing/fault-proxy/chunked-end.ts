import { NotHttp } from './head.js'

const mostLine = 8 * 1024

/** Finds where a chunked body ends (RFC 9112, section 7.1), whatever the pieces in which it comes. */
export class ChunkedEnd {
  reached = false
  /** Of the chunk that is under way, with the line break behind it. */
  #left = 0
  #line = ''
  #trailer = false

  /** How many of these bytes belong to the body. */
  take(bytes: Buffer): number {
    let at = 0
    while (at < bytes.length && !this.reached) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at)
        this.#left -= taken
        at += taken
        continue
      }
      const end = bytes.indexOf('\n', at)
      const next = end === -1 ? bytes.length : end + 1
      this.#line += bytes.toString('latin1', at, next)
      at = next
      if (this.#line.length > mostLine) throw new NotHttp('a chunk’s line without end')
      if (end !== -1) this.#endLine()
    }
    return at
  }

  #endLine(): void {
    const line = this.#line
    this.#line = ''
    if (this.#trailer) {
      this.reached = line === '\r\n'
      return
    }
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?\r\n$/i.exec(line)?.[1]
    if (size === undefined) throw new NotHttp(`chunk size ${JSON.stringify(line.slice(0, 100))}`)
    if (/^0+$/.test(size)) this.#trailer = true
    else this.#left = Number.parseInt(size, 16) + 2
  }
}
