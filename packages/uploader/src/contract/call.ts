import { setMaxListeners } from 'node:events'
import { addAbortSignal, type Readable } from 'node:stream'
import { later, StagegateError } from '@stagegate/schema'
import type { Call } from './capabilities.js'
import type { Clock } from './clock.js'
import { stopOf } from './problem.js'

/** How long an aborted call may take to stop, in milliseconds, before it is abandoned. */
const grace = 1000

/** Runs a call with a deadline: its signal is aborted then, or when the whole run is; its reason is an error of ours. */
export async function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  run: (call: Call) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.timeout: its timer lets the process end while somebody waits for it.
  const controller = new AbortController()
  // Everything that is under way listens to it.
  setMaxListeners(0, controller.signal)
  const stop = () => controller.abort(stopOf(signal.reason))
  const late = () =>
    controller.abort(new StagegateError({ code: 'call/timeout', what: `it did not finish within ${milliseconds / 1000} s` }))
  // setTimeout takes no more than 31 bits.
  const timer = setTimeout(late, Math.min(milliseconds, 2 ** 31 - 1))
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  try {
    return await run({ signal: controller.signal, deadline: later(clock.now(), milliseconds / 1000) })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** The same, but if the call was stopped, the error says why: that is more useful than the error that followed. */
export async function askWithin<T>(clock: Clock, milliseconds: number, signal: AbortSignal, ask: (call: Call) => Promise<T>): Promise<T> {
  return withDeadline(clock, milliseconds, signal, (call) =>
    ask(call).catch((error: unknown) => {
      throw causeOf(call, error)
    }),
  )
}

/**
 * A repository's answer. A call that does not stop when it is aborted is abandoned after a moment; its late result
 * then goes to `tooLate`.
 * @throws what the repository throws, or the signal's reason
 */
export async function answerOf<T>({ signal }: Call, asked: Promise<T>, tooLate: (answer: T) => void = () => undefined): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let stop = (): void => undefined
  const left = new Promise<never>((_, reject) => {
    stop = () => {
      timer = setTimeout(() => {
        asked.then(tooLate, () => undefined)
        reject(signal.reason)
      }, grace)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([asked, left])
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(timer)
  }
}

/** A repository's stream, which ends with its call at the latest. */
export async function streamOf<T extends Readable | undefined>(call: Call, asked: Promise<T>): Promise<T> {
  const stream = await answerOf(call, asked, (late) => late?.destroy())
  if (stream === undefined) return stream
  // Its reader gets its errors. Without a reader they must not end the process.
  stream.on('error', () => undefined)
  addAbortSignal(call.signal, stream)
  endWithout(stream, call.signal)
  return stream
}

/** A third-party stream may not close when it is destroyed: then its reader gets the error after a moment. */
function endWithout(stream: Readable, signal: AbortSignal): void {
  const stop = () => {
    const timer = setTimeout(() => stream.emit('error', signal.reason), grace)
    stream.once('close', () => clearTimeout(timer))
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  stream.once('close', () => signal.removeEventListener('abort', stop))
}

/** Why a call failed: if it was stopped, that says more than the error that followed. */
export function causeOf({ signal }: Call, error: unknown): unknown {
  return signal.aborted ? signal.reason : error
}
