import { setTimeout } from 'node:timers/promises'

/** So many bytes at a time, each time after so many milliseconds. */
export interface Pace {
  readonly drip: number
  readonly every: number
}

export interface Passing {
  readonly source: AsyncIterable<Buffer>
  /** After so many bytes something happens. */
  readonly at: number
  /** May say how it goes on; to end it all, it throws. */
  readonly strike: () => Promise<Pace | undefined>
  readonly write: (bytes: Buffer) => Promise<void>
  readonly signal: AbortSignal
}

/** Hands bytes on, exactly as many as there are up to the place where something happens, and then the others. */
export async function pass({ source, at, strike, write, signal }: Passing): Promise<void> {
  let passed = 0
  let pace: Pace | undefined
  for await (const chunk of source) {
    for (const piece of split(chunk, at - passed)) {
      if (passed === at) pace = await strike()
      for (const drop of drops(piece, pace?.drip ?? piece.length)) {
        if (pace !== undefined) await setTimeout(pace.every, undefined, { signal })
        signal.throwIfAborted()
        await write(drop)
      }
      passed += piece.length
    }
  }
  if (passed === at) await strike()
}

function split(chunk: Buffer, at: number): readonly Buffer[] {
  return at > 0 && at < chunk.length ? [chunk.subarray(0, at), chunk.subarray(at)] : [chunk]
}

function* drops(piece: Buffer, size: number): Generator<Buffer, void, undefined> {
  for (let at = 0; at < piece.length; at += size) yield piece.subarray(at, at + size)
}
