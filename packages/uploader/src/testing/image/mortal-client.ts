import { PutOff } from '../../contract/put-off.js'
import type { HttpClient } from '../../http/client.js'

/** The process that asks ends right before, or right after, its so-manieth request. */
export interface Death {
  readonly at: number
  readonly when: 'before' | 'after'
}

export interface Asked {
  readonly method: string
  readonly path: string
}

interface Fate {
  readonly death?: Death | undefined
  /** Ends the process. */
  readonly controller: AbortController
  /** What each request waits for. */
  readonly hold?: ((request: Asked) => Promise<void>) | undefined
  /** Counts the requests of several clients of the process together. @default of this client alone */
  readonly counter?: { requests: number } | undefined
}

/** A client that remembers what it was asked for, in order, and with which the process can die. */
export function mortalClient(
  client: HttpClient,
  { death, controller, hold, counter = { requests: 0 } }: Fate,
): HttpClient & { readonly asked: readonly Asked[] } {
  const asked: Asked[] = []
  const live = async <T>(method: string, path: string, run: () => Promise<T>): Promise<T> => {
    const dies = ++counter.requests === death?.at
    if (dies && death.when === 'before') controller.abort(new Error('killed'))
    const request = { method, path }
    await hold?.(request)
    controller.signal.throwIfAborted()
    asked.push(request)
    try {
      const answer = await run()
      if (dies) controller.abort(new Error('killed'))
      return answer
    } catch (error) {
      // The server wants to be left alone, so nothing was sent.
      if (error instanceof PutOff) asked.splice(asked.indexOf(request), 1)
      throw error
    }
  }
  return {
    asked,
    origin: client.origin,
    quote: (text) => client.quote(text),
    send: (request, call) => live(request.method, request.path, () => client.send(request, call)),
    download: (path, call, more) => live(more?.method ?? 'GET', path, () => client.download(path, call, more)),
  }
}
