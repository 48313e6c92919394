import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { instant } from '@stagegate/schema'
import { createEnvironment } from '@stagegate/uploader'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../release/files.js'
import { type Running, startNginx } from '../tasks/servers.mjs'
import { bytesOf, contentOf } from './source.js'

/** Ways in which nginx answers: straight from the file, through small buffers, chunked, in bursts. */
const places = ['file', 'buffered', 'chunked', 'slow']
const config = (folder: string) => `server { listen PORT; root ${folder}; keepalive_requests 5;
  location /file/ { alias ${folder}/; sendfile on; tcp_nopush on; }
  location /buffered/ { alias ${folder}/; sendfile off; output_buffers 2 7000; postpone_output 0; tcp_nodelay on; }
  location /chunked/ { alias ${folder}/; ssi on; ssi_types *; }
  location /slow/ { alias ${folder}/; limit_rate_after 300k; limit_rate 20m; }
}`

const mebibyte = 1024 * 1024
const sizes = [0, 1, 65_536, 100_000, mebibyte, 3 * mebibyte + 7, 12 * mebibyte + 1]
const files = sizes.map((size, index) => bytesOf(size, index + 1))

const folder = temporaryFolder()
let nginx: Running
beforeAll(async () => {
  mkdirSync(join(folder, 'files'))
  for (const [index, data] of files.entries()) writeFileSync(join(folder, 'files', String(index)), data)
  nginx = await startNginx(folder, config(join(folder, 'files')))
})
afterAll(() => nginx.stop())

/** The chunks are kept, so that one which is written to later shows. */
async function chunksOf(stream: Readable, turns: number): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    for (let count = 0; count < turns; count++) await turn()
  }
  return chunks
}

test('responses of nginx are read byte for byte, with any framing and pace, on reused connections', async () => {
  const download = fc.record({
    place: fc.constantFrom(...places),
    file: fc.nat(files.length - 1),
    turns: fc.nat(4),
    givenUp: fc.boolean(),
  })
  let largest = 0
  await fc.assert(
    fc.asyncProperty(fc.array(download, { minLength: 1, maxLength: 8 }), fc.boolean(), async (downloads, atOnce) => {
      const client = createEnvironment({ variables: {}, base: '.', rehearsal: true }).http(nginx.url)
      const call = { signal: new AbortController().signal, deadline: instant(Date.now() + 60_000) }
      const checked = async ({ place, file, turns, givenUp }: (typeof downloads)[number]) => {
        const { status, stream } = await client.download(`/${place}/${file}`, call)
        expect(status).toBe(200)
        // A connection that was left in the middle must not harm those that follow.
        if (givenUp) return void stream.destroy()
        const chunks = await chunksOf(stream, turns)
        largest = Math.max(largest, ...chunks.map(({ length }) => length))
        return () => expect(contentOf(Buffer.concat(chunks))).toEqual(contentOf(files[file] ?? Buffer.alloc(0)))
      }
      const checks = []
      if (atOnce) checks.push(...(await Promise.all(downloads.map(checked))))
      else for (const one of downloads) checks.push(await checked(one))
      for (const check of checks) check?.()
    }),
    { numRuns: 40 },
  )
  // Otherwise this has not tested what it says.
  expect(largest).toBeGreaterThan(200_000)
})
