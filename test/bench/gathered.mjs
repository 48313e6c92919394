// The least that a verified copy can be in Node: what comes is gathered into pieces of 256 KiB, hashed, and written. Nothing is judged,
// limited, tried again or read back.
import { createHash } from 'node:crypto'
import { once } from 'node:events'

/** @returns the sha256 of what was read from `source` and written to `request` */
export async function copyGathered(source, request) {
  const hash = createHash('sha256')
  let [held, length] = [[], 0]
  const flush = async () => {
    if (length === 0) return
    const piece = held.length === 1 ? held[0] : Buffer.concat(held, length)
    held = []
    length = 0
    hash.update(piece)
    if (!request.write(piece)) await once(request, 'drain')
  }
  for await (const chunk of source) {
    held.push(chunk)
    length += chunk.length
    if (length >= 256 * 1024) await flush()
  }
  await flush()
  request.end()
  return hash.digest('hex')
}

/** The answer to a request that was just made. */
export function answerOf(request) {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).once('error', reject)
  })
}
