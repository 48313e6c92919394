import { createHash } from 'node:crypto'
import { pipeline, Transform } from 'node:stream'
import { StagegateError } from '@stagegate/schema'
import type { Body } from '../contract/capabilities.js'

/**
 * The bytes of a body, which ends only if they are the expected content.
 * @throws {StagegateError} `content/mismatch`: different bytes came
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
  throw mismatch({ sha256, size })
}

/** The same body for a server that accepts any bytes: the last ones are held back until all are known to be right. */
export function checkedBody(body: Body): Body {
  const { content } = body
  return {
    content,
    stream() {
      const checking = heldBack(content)
      // An error of one stream destroys the other, whose reader gets the error.
      pipeline(body.stream(), checking, () => undefined)
      return checking
    },
  }
}

function heldBack(content: Body['content']): Transform {
  const hash = createHash('sha256')
  let came = 0
  let held: Buffer | undefined
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      came += chunk.length
      if (came > content.size) return done(mismatch(content))
      const ready = held
      held = chunk
      done(null, ready)
    },
    flush(done) {
      if (came !== content.size || hash.digest('hex') !== content.sha256) return done(mismatch(content))
      done(null, held)
    },
  })
}

/** The error for different bytes than expected. */
export function mismatch({ sha256, size }: Body['content']): StagegateError {
  return new StagegateError({ code: 'content/mismatch', what: `expected ${size} bytes with the sha256 ${sha256}, got others` })
}
