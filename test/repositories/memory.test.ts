import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { bytes, type PlannedRepository, sha256 } from '@stagegate/schema'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../listen.js'
import { temporaryFolder } from '../release/files.js'
import type { Publishing } from '../tasks/publishing.mjs'
import { telling } from '../watchdog/processes.mjs'
import { bytesOf } from './source.js'

const script = new URL('publish.mjs', import.meta.url).pathname
const mebibyte = 1024 * 1024
const size = 300 * mebibyte

/** Each mebibyte begins with its number. */
function* large() {
  const chunk = bytesOf(mebibyte)
  for (let index = 0; index < size / mebibyte; index++) {
    const numbered = Buffer.from(chunk)
    numbered.writeUInt32BE(index)
    yield numbered
  }
}

async function serve(listener: RequestListener): Promise<PlannedRepository> {
  const { url: origin, close } = await listen(listener)
  onTestFinished(close)
  return { role: 'public', type: 'webdav', origin, settings: {}, credentials: { read: [], write: [] } }
}

/** Takes an upload at a pace of its own, and serves it again. */
function slowly(milliseconds: number): RequestListener {
  let stored = false
  return async (request, response) => {
    if (request.method === 'PUT') {
      let taken = 0
      for await (const chunk of request as AsyncIterable<Buffer>) {
        taken += chunk.length
        if (taken % mebibyte < chunk.length) await pause(milliseconds)
      }
      stored = taken === size
      response.writeHead(201).end()
    } else if (!stored) response.writeHead(404).end()
    else {
      response.writeHead(200, { 'content-length': size })
      if (request.method === 'HEAD') response.end()
      else Readable.from(large(), { highWaterMark: 1 }).pipe(response)
    }
  }
}

test('statement 8: 300 MiB go to three destinations of different pace in one read, and memory does not grow with them', {
  timeout: 120_000,
}, async () => {
  const hash = createHash('sha256')
  for (const chunk of large()) hash.update(chunk)
  const content = { sha256: sha256(hash.digest('hex')), size: bytes(size) }
  let reads = 0
  const staging = await serve((_, response) => {
    reads++
    response.writeHead(200, { 'content-length': size })
    Readable.from(large(), { highWaterMark: 1 }).pipe(response)
  })
  const what: Publishing = {
    artifact: { coordinates: { format: 'file', path: 'large' }, content, location: '/large' },
    repositories: {
      staging: { ...staging, role: 'staging' },
      one: await serve(slowly(1)),
      two: await serve(slowly(3)),
      three: await serve(slowly(6)),
    },
    destinations: ['one', 'two', 'three'],
  }
  const file = join(temporaryFolder(), 'publishing.json')
  writeFileSync(file, JSON.stringify(what))
  const child = spawn(process.execPath, [...telling, script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const closed = once(child, 'close')
  const verdicts: string[] = []
  const memory: number[] = []
  for await (const line of createInterface(child.stdout)) {
    const { rss, event, outcome } = JSON.parse(line)
    memory.push(rss)
    if (event === 'verdict') verdicts.push(outcome.verdict)
  }
  expect(await closed).toEqual([0, null])
  expect(verdicts).toEqual(['published', 'published', 'published'])
  expect(reads).toBe(1)
  const [first = 0] = memory
  expect((Math.max(...memory) - first) / mebibyte).toBeLessThan(160)
})
