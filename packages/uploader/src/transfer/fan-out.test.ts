import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { bytes } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import type { Body } from '../contract/capabilities.js'
import { bytesOf, contentOf, sampleBytes } from '../testing/fixtures.js'
import { ContentMismatch } from './content-mismatch.js'
import { type FanOut, fanOut, holdBack } from './fan-out.js'

const chunkSize = 50_000

/** A source in uneven chunks, which counts what was read from it, and can be made to stop for a while. */
class Source extends Readable {
  given = 0
  readonly #data: Buffer
  readonly #stopAt: number
  #waiting = false

  constructor(data: Buffer, stopAt = Number.POSITIVE_INFINITY) {
    super({ highWaterMark: 1 })
    this.#data = data
    this.#stopAt = stopAt
  }

  override _read(): void {
    if (this.given >= this.#stopAt) {
      this.#waiting = true
      return
    }
    const chunk = this.#data.subarray(this.given, Math.min(this.given + chunkSize, this.#stopAt))
    this.given += chunk.length
    this.push(chunk.length === 0 ? null : chunk)
  }

  get waiting(): boolean {
    return this.#waiting
  }

  finish(): void {
    this.push(this.#data.subarray(this.given))
    this.push(null)
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not within 5 s: ${condition}`)
    await turn()
  }
}

const sizes = [0, 1, holdBack - 1, holdBack, holdBack + 1, 2 ** 20]

describe.each([1, 3])('with %i bodies', (count) => {
  test.each(sizes)('each gets all of %i bytes in order, and ends', async (size) => {
    const data = sampleBytes(size)
    const sums: number[] = []
    const fan = fanOut(new Source(data), contentOf(data), count, { onBytes: (sum) => sums.push(sum) })
    const arrived = await Promise.all(fan.bodies.map((body) => bytesOf(body.stream())))
    expect(arrived.map((bytes) => bytes.equals(data))).toEqual(Array(count).fill(true))
    expect(await fan.done).toBe(true)
    expect(fan.bodies.map((body) => fan.release(body))).toEqual(Array(count).fill(size))
    expect(sums.at(-1) ?? 0).toBe(size)
  })

  test.each(sizes)('statement 1: nothing of the last bytes of %i comes out before all was verified', async (size) => {
    const data = sampleBytes(size)
    // All bytes are there, and the source has not ended: it could still go on.
    const source = new Source(data, size)
    const fan = fanOut(source, contentOf(data), count)
    const got = fan.bodies.map(() => 0)
    const arriving = fan.bodies.map(async (body, index) => {
      for await (const chunk of body.stream() as AsyncIterable<Buffer>) got[index] = (got[index] ?? 0) + chunk.length
    })
    const free = Math.max(0, size - holdBack)
    await until(() => source.waiting && got.every((sum) => sum === free))
    for (let index = 0; index < 20; index++) await turn()
    expect(got).toEqual(Array(count).fill(free))
    source.finish()
    await Promise.all(arriving)
    expect(got).toEqual(Array(count).fill(size))
  })

  const data = sampleBytes(3 * holdBack)
  const altered = Buffer.from(data)
  altered[5] = (altered[5] ?? 0) ^ 1
  const alteredAtTheEnd = Buffer.from(data)
  alteredAtTheEnd[data.length - 1] = (data[data.length - 1] ?? 0) ^ 1
  const broken = new Error('the connection broke')

  test.each<[string, () => Readable, unknown]>([
    ['has another first byte', () => new Source(altered), ContentMismatch],
    ['has another last byte', () => new Source(alteredAtTheEnd), ContentMismatch],
    ['is a byte short', () => new Source(data.subarray(0, -1)), ContentMismatch],
    ['is a byte too long', () => new Source(Buffer.concat([data, Buffer.from('x')])), ContentMismatch],
    ['has the bytes twice', () => new Source(Buffer.concat([data, data])), ContentMismatch],
    ['is empty', () => new Source(Buffer.alloc(0)), ContentMismatch],
    ['breaks half-way', () => Readable.from(halfOf(data, broken)), broken],
  ])('statement 1: a source that %s makes every body err before its end', async (_what, source, reason) => {
    const fan = fanOut(source(), contentOf(data), count)
    const ends = await Promise.allSettled(fan.bodies.map((body) => read(body)))
    expect(ends.map(({ status }) => status)).toEqual(Array(count).fill('rejected'))
    for (const body of fan.bodies) expect(fan.release(body)).toBeLessThanOrEqual(data.length - holdBack)
    const failure = await fan.done.catch((error: unknown) => error)
    if (reason === ContentMismatch) expect(failure).toBeInstanceOf(ContentMismatch)
    else expect(failure).toBe(reason)
  })
})

test('statement 1: a size that is not that of the bytes is a mismatch, though the digest is theirs; and it says what was read', async () => {
  const data = sampleBytes(1000)
  const { sha256 } = contentOf(data)
  const size = async (count: number) => {
    const fan = fanOut(new Source(data), { sha256, size: bytes(count) }, 1)
    await Promise.allSettled(fan.bodies.map((body) => read(body)))
    return fan.done
  }
  await expect(size(1001)).rejects.toMatchObject({ seen: contentOf(data), message: expect.stringContaining('read sha256') })
  await expect(size(999)).rejects.toMatchObject({
    seen: { sha256: undefined, size: 1000 },
    message: expect.stringContaining('at least 1000'),
  })
})

test('statement 8: a source that does not end is left at its first byte too many', async () => {
  const data = sampleBytes(3 * holdBack)
  let given = 0
  const endless = new Readable({
    read() {
      given += holdBack
      this.push(Buffer.alloc(holdBack))
    },
  })
  const fan = fanOut(endless, contentOf(data), 1)
  await Promise.allSettled(fan.bodies.map((body) => read(body)))
  await expect(fan.done).rejects.toBeInstanceOf(ContentMismatch)
  expect(given).toBeLessThan(2 * data.length)
  expect(endless.destroyed).toBe(true)
})

async function read(body: Body): Promise<void> {
  await bytesOf(body.stream())
}

async function* halfOf(data: Buffer, error: Error) {
  yield data.subarray(0, data.length / 2)
  throw error
}

function three(data: Buffer, source: Readable = new Source(data), patience?: number): FanOut & { bodies: readonly [Body, Body, Body] } {
  const fan = fanOut(source, contentOf(data), 3, { patience })
  const [first, second, third] = fan.bodies
  if (first === undefined || second === undefined || third === undefined) throw new Error('Expected three bodies')
  return { ...fan, bodies: [first, second, third] }
}

describe('when destinations differ', () => {
  const data = sampleBytes(2 ** 20)

  test('statement 8: one body is destroyed half-way, and the others get everything', async () => {
    const { bodies, done, release } = three(data)
    const [first, second, third] = bodies
    const stopped = (async () => {
      for await (const _ of first.stream()) break
    })()
    const [a, b] = await Promise.all([bytesOf(second.stream()), bytesOf(third.stream()), stopped])
    expect([a.equals(data), b.equals(data)]).toEqual([true, true])
    expect(await done).toBe(true)
    expect(release(first)).toBeLessThan(data.length)
  })

  test('a body that is never read holds the others up until it is released', async () => {
    const source = new Source(data)
    const { bodies, done, release } = three(data, source)
    const [first, second, third] = bodies
    const both = Promise.all([bytesOf(second.stream()), bytesOf(third.stream())])
    await until(() => source.given >= chunkSize)
    for (let index = 0; index < 50; index++) await turn()
    expect(source.given).toBeLessThan(data.length)
    expect(release(first)).toBe(0)
    expect((await both).map((bytes) => bytes.equals(data))).toEqual([true, true])
    expect(await done).toBe(true)
  })

  test('statement 8: a body that takes nothing for too long is left behind, and the others get everything', async () => {
    const { bodies, done } = three(data, new Source(data), 20)
    const [first, second, third] = bodies
    const both = await Promise.all([bytesOf(second.stream()), bytesOf(third.stream())])
    expect(both.map((bytes) => bytes.equals(data))).toEqual([true, true])
    expect(await done).toBe(true)
    await expect(read(first)).rejects.toMatchObject({
      name: 'LeftBehind',
      code: 'content/left-behind',
      message: 'it held up the other destinations for 0.02 s',
    })
  })

  test('the last reader is never left behind: it may take its time', async () => {
    const { bodies, done, release } = three(data, new Source(data), 5)
    const [first, second, third] = bodies
    release(first)
    release(second)
    const stream = third.stream()
    const deadline = Date.now() + 50
    await until(() => Date.now() > deadline)
    expect((await bytesOf(stream)).equals(data)).toBe(true)
    expect(await done).toBe(true)
  })

  test('all bodies are destroyed, and the source is closed though it says nothing', async () => {
    const source = new Source(data, 0)
    const { bodies, done, release } = three(data, source)
    await until(() => source.waiting)
    for (const body of bodies) release(body)
    expect(await done).toBe(false)
    expect(source.destroyed).toBe(true)
  })

  test('all bodies are released before anything is read, and a source that then ends without an error is not blamed', async () => {
    const source = new Source(data, 0)
    // As some answers of node:http do.
    source._destroy = (error, done) => {
      source.push(null)
      done(error)
    }
    const fan = fanOut(source, contentOf(data), 2)
    for (const body of fan.bodies) fan.release(body)
    expect(await fan.done).toBe(false)
  })

  test('all bodies are destroyed in the middle, and nothing more is read', async () => {
    const source = new Source(data)
    const { bodies, done, release } = three(data, source)
    await until(() => source.given > 0)
    for (const body of bodies) release(body)
    expect(await done).toBe(false)
    expect(source.given).toBeLessThan(data.length)
    expect(source.destroyed).toBe(true)
  })

  test('statement 8: a slow reader holds the source back: no more than a few chunks are read ahead of it', async () => {
    const source = new Source(data)
    const { bodies } = three(data, source)
    const [first, second, third] = bodies
    const quick = Promise.all([bytesOf(second.stream()), bytesOf(third.stream())])
    let taken = 0
    let ahead = 0
    for await (const chunk of first.stream() as AsyncIterable<Buffer>) {
      for (let index = 0; index < 10; index++) await turn()
      // Before this chunk counts as taken.
      ahead = Math.max(ahead, source.given - taken)
      taken += chunk.length
    }
    expect(taken).toBe(data.length)
    expect(ahead).toBeLessThanOrEqual(2 * holdBack + 4 * chunkSize)
    await quick
  })

  test('a second error of the source after the end does no harm', async () => {
    const source = new Source(data)
    const { bodies, done, release } = three(data, source)
    for (const body of bodies) release(body)
    await done
    source.emit('error', new Error('late'))
    expect(source.destroyed).toBe(true)
  })

  test('a body is streamed once', () => {
    const { bodies, release } = three(data)
    bodies[0].stream()
    expect(() => bodies[0].stream()).toThrow('Expected the body to be streamed once')
    for (const body of bodies) release(body)
  })

  test('a source that was closed before anybody read it is an error, not an end', async () => {
    const source = new Source(data)
    source.destroy()
    const fan = fanOut(source, contentOf(data), 1)
    const [body] = fan.bodies
    await expect(body && read(body)).rejects.toThrow()
    await expect(fan.done).rejects.toThrow()
  })
})
