import { Readable } from 'node:stream'
import { type ReadFault, reset } from './faults.js'

const chunkSize = 20_000

interface Served {
  readonly data: Buffer
  readonly end: 'well' | 'reset' | 'silence'
}

/** What comes of the bytes, and how that ends. */
export function servedBy(data: Buffer, fault: ReadFault | undefined): Served {
  switch (fault?.do) {
    case 'reset':
      return { data: data.subarray(0, fault.at * data.length), end: 'reset' }
    case 'fall-silent':
      return { data: data.subarray(0, fault.at * data.length), end: 'silence' }
    case 'end-early':
      return { data: data.subarray(0, fault.at * data.length), end: 'well' }
    case 'other-bytes':
      return { data: Buffer.concat([data.subarray(0, -1), Buffer.from('?')]), end: 'well' }
    case 'more-bytes':
      return { data: Buffer.concat([data, Buffer.from('?')]), end: 'well' }
    default:
      return { data, end: 'well' }
  }
}

/** A stream of them. `onEnd` is called right before it ends well. */
export function downloadOf({ data, end }: Served, onEnd: () => void): Readable {
  let given = 0
  return new Readable({
    highWaterMark: chunkSize,
    read() {
      if (given < data.length) {
        const chunk = data.subarray(given, given + chunkSize)
        given += chunk.length
        this.push(chunk)
      } else if (end === 'reset') this.destroy(reset())
      else if (end === 'well') {
        onEnd()
        this.push(null)
      }
    },
  })
}
