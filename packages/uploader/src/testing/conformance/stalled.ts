import { Readable } from 'node:stream'
import type { Body, Item } from '../../contract/capabilities.js'
import { contentOf } from '../bytes.js'
import { type Artifact, bodyBy } from './artifacts.js'

/** Half of the bytes, and then none, for as long as its reader waits. */
export function stalling({ item, data }: Pick<Artifact, 'data'> & { readonly item: Pick<Item, 'content'> }, stalled: () => void): Body {
  const half = data.subarray(0, Math.floor(data.length / 2))
  let reads = 0
  // Not a generator: one that waits for ever could not be destroyed.
  const read = function (this: Readable) {
    if (reads++ === 0) this.push(half)
    else stalled()
  }
  return bodyBy(item, () => new Readable({ read, highWaterMark: 1 }))
}

/** Such a body, and the signal that is aborted once its reader waits. */
export function stalled(data: Buffer): { readonly body: Body; readonly signal: AbortSignal } {
  const controller = new AbortController()
  const body = stalling({ item: { content: contentOf(data) }, data }, () => controller.abort(new Error('stopped')))
  return { body, signal: controller.signal }
}
