import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { PlannedRepository, Verdict } from '@stagegate/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { type Publishing, type PublishingPorts, publishOne } from '../tasks/publishing.mjs'
import { telling } from '../watchdog/processes.mjs'
import { type Destination, destinations } from './destinations.js'
import { kinds } from './kinds.mjs'
import { bytesOf, contentOf, startSource } from './source.js'

const script = new URL('publish.mjs', import.meta.url).pathname
process.env['TEST_TOKEN'] = 'token'

const mebibyte = 1024 * 1024
const sizes = [1000, 64 * 1024, 64 * 1024 + 1, 5 * mebibyte + 123]

describe.each(destinations)('%s', (name, start) => {
  const folder = temporaryFolder()
  let destination: Destination
  beforeAll(async () => {
    destination = await start(folder)
  })
  afterAll(() => destination.stop())

  let seed = 0
  /** To publish bytes that were not there before, from a source that serves others, or not all. */
  async function publishing(size: number, served: (data: Buffer) => Buffer = (data) => data, stopAt?: number): Promise<Publishing> {
    const data = bytesOf(size, ++seed)
    const origin = await startSource(served(data), stopAt)
    const staging: PlannedRepository = { role: 'staging', type: 'webdav', origin, settings: {}, credentials: { read: [], write: [] } }
    const { type, origin: at, settings, credentials } = destination
    const content = contentOf(data)
    return {
      artifact: { coordinates: destination.coordinatesOf(content), content, location: '/staged' },
      repositories: {
        staging,
        stable: { role: 'public', type, origin: at, settings, credentials: { read: [], write: [...credentials] } },
      },
      destinations: ['stable'],
    }
  }

  async function publish(what: Publishing, ports: Partial<PublishingPorts> = {}) {
    const { outcomes } = await publishOne(what, { kinds, limits: { firstWait: 1 }, ...ports })
    const [outcome] = outcomes
    if (outcome === undefined) throw new Error('Expected an outcome')
    return outcome
  }

  /** Whatever the server still does with a connection that broke, it has done when a later upload is through. */
  async function expectNothingNew(before: readonly string[]): Promise<void> {
    const whole = await publishing(200_000)
    expect(await publish(whole)).toMatchObject({ verdict: 'published' })
    expect([...destination.stored()].sort()).toEqual([...before, whole.artifact.content.sha256].sort())
  }

  test.each(sizes)(`statement 1: ${name} has all of %i bytes once they are published`, async (size) => {
    const what = await publishing(size)
    expect(await publish(what)).toMatchObject({ verdict: 'published', bytesSent: size })
    expect(destination.stored()).toContain(what.artifact.content.sha256)
  })

  const wrongs: readonly [what: string, served: (data: Buffer) => Buffer][] = [
    ['another first byte', (data) => changed(data, 0)],
    ['another last byte', (data) => changed(data, data.length - 1)],
    ['a byte too few', (data) => data.subarray(0, -1)],
    ['a byte too many', (data) => Buffer.concat([data, Buffer.from('x')])],
  ]
  describe.each(wrongs)('staged bytes with %s', (what, served) => {
    test.each(sizes)(`statement 1: ${name} keeps nothing of %i staged bytes with ${what}`, async (size) => {
      const before = destination.stored()
      const verdict: Verdict = 'tampered'
      expect(await publish(await publishing(size, served))).toMatchObject({ verdict })
      await expectNothingNew(before)
    })
  })

  const moments: readonly [when: string, stopAt: (size: number) => number][] = [
    ['half-way', (size) => Math.floor(size / 2)],
    ['before the last byte', (size) => size - 1],
  ]
  describe.each(moments)('broken off %s', (when, stopAt) => {
    test.each(sizes)(`statement 1: ${name} keeps nothing of %i bytes whose upload was aborted ${when}`, async (size) => {
      const before = destination.stored()
      const controller = new AbortController()
      const what = await publishing(size, undefined, stopAt(size))
      const outcome = await publish(what, {
        signal: controller.signal,
        onEvent: (event) => {
          if (event.event === 'progress' && event.bytes === stopAt(size)) controller.abort()
        },
      })
      expect(outcome.verdict).toBe('undetermined')
      // All that may be sent was under way; the newest of it perhaps not yet taken.
      const free = Math.max(0, Math.min(stopAt(size), size - 64 * 1024))
      expect(outcome.bytesSent).toBeLessThanOrEqual(free)
      expect(outcome.bytesSent).toBeGreaterThanOrEqual(free - mebibyte)
      await expectNothingNew(before)
    })

    test.each(sizes)(`statement 1: ${name} keeps nothing of %i bytes whose upload was killed ${when}`, async (size) => {
      const before = destination.stored()
      const file = join(folder, 'publishing.json')
      writeFileSync(file, JSON.stringify(await publishing(size, undefined, stopAt(size))))
      const child = spawn(process.execPath, [...telling, script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
      const closed = once(child, 'close')
      for await (const line of createInterface(child.stdout)) {
        const { event, bytes } = JSON.parse(line)
        if (event === 'progress' && bytes === stopAt(size)) child.kill('SIGKILL')
      }
      expect(await closed).toEqual([null, 'SIGKILL'])
      await expectNothingNew(before)
    })
  })
})

function changed(data: Buffer, at: number): Buffer {
  const other = Buffer.from(data)
  other.writeUInt8(other.readUInt8(at) ^ 1, at)
  return other
}
