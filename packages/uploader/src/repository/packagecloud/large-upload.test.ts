import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { bytes, instant, later, sha256 } from '@stagegate/schema'
import { expect, test } from 'vitest'
import { start } from '../../testing/acme.js'
import { makeAr, makeTar } from '../../testing/packages/index.js'

const mebibyte = 1024 * 1024
const large = 64 * mebibyte

/** A .deb whose data archive is made while it is read. */
function* largeDeb(onChunk: () => void) {
  const control = 'Package: acme\nVersion: 1.2.3\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.com>\nDescription: large\n'
  yield Buffer.from(
    makeAr([
      ['debian-binary', '2.0\n'],
      ['control.tar', makeTar([['./control', control]])],
    ]),
  )
  yield Buffer.from(
    `${'data.tar'.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(large).padEnd(10)}\`\n`,
  )
  for (let made = 0; made < large; made += mebibyte) {
    onChunk()
    yield Buffer.alloc(mebibyte)
  }
}

test('64 MiB go up and come down again, and neither side holds them in memory', async () => {
  const { repository } = await start()

  const hash = createHash('sha256')
  let size = 0
  for (const chunk of largeDeb(() => undefined)) {
    hash.update(chunk)
    size += chunk.length
  }
  const content = { sha256: sha256(hash.digest('hex')), size: bytes(size) }
  const coordinates = {
    format: 'deb',
    distribution: 'ubuntu/jammy',
    architecture: 'amd64',
    name: 'acme',
    version: '1.2.3',
    file: 'acme_1.2.3_amd64.deb',
  } as const
  const call = { signal: new AbortController().signal, deadline: later(instant(Date.now()), 300) }

  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const held = () => {
    // The second waits for what the first one let go.
    collect()
    collect()
    return process.memoryUsage().arrayBuffers
  }
  const before = held()
  let most = 0
  let samples = 0
  const sample = () => {
    if (++samples % 8 === 0) most = Math.max(most, held() - before)
  }
  const body = { content, stream: () => Readable.from(largeDeb(sample), { highWaterMark: 1 }) }
  expect(await repository.create({ coordinates, content }, body, call)).toMatchObject({ outcome: 'accepted' })
  const seen = await repository.observe(coordinates, call)
  expect(seen).toMatchObject({ saw: 'present', sha256: content.sha256 })

  const back = createHash('sha256')
  let read = 0
  for await (const chunk of await repository.read(seen.saw === 'present' ? seen.location : '', call)) {
    back.update(chunk)
    read += chunk.length
    if (read % mebibyte < chunk.length) sample()
  }
  expect(back.digest('hex')).toBe(content.sha256)
  expect(samples).toBeGreaterThan(16)
  expect(most).toBeLessThan(16 * mebibyte)
})
