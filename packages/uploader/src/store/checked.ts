import { createHash } from 'node:crypto'
import { StagegateError } from '@stagegate/schema'
import type { Body } from '../contract/capabilities.js'

/**
 * The bytes of a body, which end only if they are its content.
 * @throws {StagegateError} `content/mismatch`: others came
 */
export async function* checked(stream: AsyncIterable<Buffer>, { sha256, size }: Body['content']): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let came = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    came += chunk.length
    yield chunk
  }
  if (came === size && hash.digest('hex') === sha256) return
  throw new StagegateError({ code: 'content/mismatch', what: `expected ${size} bytes with the sha256 ${sha256}, and others came` })
}
