import type { Asked } from './respond.js'
import { resetConnection } from './tls.js'

/** A request's body; `undefined` is a connection that was reset. */
export async function bodyIn({ request, fault, goAhead }: Asked): Promise<Buffer | undefined> {
  goAhead()
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (typeof fault.reset === 'object' && length >= fault.reset.afterBytes) {
        resetConnection(request.socket)
        return undefined
      }
    }
  } catch {
    return undefined
  }
  if (fault.reset === 'after-body') {
    resetConnection(request.socket)
    return undefined
  }
  return Buffer.concat(chunks)
}
