import { contentOf } from '../bytes.js'
import { type Artifact, blobOf, bodyOf } from './artifacts.js'
import { saidOf } from './calls.js'
import type { Trial } from './case.js'
import type { ConformanceOptions } from './place.js'

/** An artifact of another format than a repository takes is never said to be written. */
export function formatTrial({ formats }: ConformanceOptions): Trial {
  return {
    name: 'it takes the formats that it says, and no other',
    promise: 'A repository takes the formats that it says, and no other.',
    async run(bench) {
      const { formats: own } = bench.repository
      if (own !== undefined && [...own].sort().join() !== [...formats].sort().join())
        bench.fail('formats', `is ${own.join(', ')}`, `${formats.join(', ')}, as the tests are told`)
      const foreign = foreignTo(formats)
      if (foreign === undefined) return
      const ended = await bench.create(foreign, bodyOf(foreign))
      if (ended.how === 'returned' && ended.answer.outcome !== 'refused')
        bench.fail(bench.creating(foreign.item), saidOf(ended), 'a refusal, or that it throws: it takes no such format')
    },
  }
}

function foreignTo(formats: readonly string[]): Artifact | undefined {
  if (!formats.includes('image')) return blobOf('conformance/hello', Buffer.from('a part of an image'))
  if (formats.includes('file')) return undefined
  const data = Buffer.from('a plain file')
  return { item: { coordinates: { format: 'file', path: 'conformance/plain.txt' }, content: contentOf(data) }, data }
}
