/** What the server does wrong, as data: where, how often, what. */
export interface Fault<M = Misbehaviour> {
  /** `path` is looked for in path and query, as a regular expression. Without either, every request is meant. */
  readonly on?: { readonly method?: string | undefined; readonly path?: RegExp | string | undefined } | undefined
  /** How often, from the first request that fits. @default 1 */
  readonly times?: number | undefined
  /** How many requests that fit go well before that. @default 0 */
  readonly after?: number | undefined
  /** The misbehaviour. */
  readonly do: M
}

/** Several of them can happen at once. */
export interface Misbehaviour {
  /** This status at once, before the body is read. */
  readonly answer?: number | undefined
  /** With `answer`: its headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** With `answer`: its body, a text or what becomes JSON. */
  readonly body?: unknown
  /** The connection is reset: at the request's headers, after so many bytes of its body, or after all of it, with nothing kept. */
  readonly reset?: 'before-body' | 'after-body' | { readonly afterBytes: number } | undefined
  /** Nothing happens for that many milliseconds, then all goes on. */
  readonly stall?: number | undefined
  /** Only so many bytes of the answer's body are sent, then the connection ends. */
  readonly truncateAnswer?: number | undefined
  /** It is done as asked, and the connection is reset instead of an answer. */
  readonly commitThenReset?: true | undefined
  /** It is done as asked, and answered with this status. */
  readonly commitThenAnswer?: number | undefined
  /** The upload is kept with its last byte changed, and everything said of it is true of those bytes. */
  readonly storeOtherBytes?: true | undefined
  /** The upload is answered with 201, and forgotten. */
  readonly acceptAndForget?: true | undefined
  /** The upload is kept under this name, and the answer says so. */
  readonly storeAs?: string | undefined
  /** The last byte of a download is another one. */
  readonly serveOtherBytes?: true | undefined
  /** `Expect: 100-continue` is not answered. */
  readonly ignoreExpect?: true | undefined
}

/** The faults that are still to come; more can be added while the server runs. */
export class Faults<M = Misbehaviour> {
  #script: { readonly fault: Fault<M>; skip: number; left: number }[] = []

  constructor(faults: readonly Fault<M>[] = []) {
    this.add(...faults)
  }

  /** Adds to the end of the script. */
  add(...faults: readonly Fault<M>[]): void {
    this.#script.push(...faults.map((fault) => ({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 })))
  }

  /** Forgets the whole script: from now on all goes well. */
  clear(): void {
    this.#script = []
  }

  /** The first fault that fits this request, used up by one. */
  take(method: string, path: string): M | undefined {
    for (const entry of this.#script) {
      const { on } = entry.fault
      const fits = (on?.method ?? method) === method && (on?.path === undefined || new RegExp(on.path).test(path))
      if (!fits || entry.left === 0) continue
      if (entry.skip > 0) {
        entry.skip--
        continue
      }
      entry.left--
      return entry.fault.do
    }
    return undefined
  }
}
