import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { acme, acmeDeb, acmeItem, pushes, soon, start } from '../../testing/acme.js'
import { bodyOf } from '../../testing/bodies.js'
import { makeDeb } from '../../testing/packages/index.js'

describe('an upload that goes wrong', () => {
  test.each([
    ['reset at once', { reset: 'before-body' }, 0],
    ['reset half-way', { reset: { afterBytes: 100_000 } }, 0],
    ['reset at its end', { reset: 'after-body' }, 0],
    ['done, and then reset', { commitThenReset: true }, 1],
    ['done, and answered with 502', { commitThenAnswer: 502 }, 1],
    ['done, and the answer cut off', { truncateAnswer: 10 }, 1],
  ] as const)('is ambiguous when it is %s, and looking tells', async (_, fault, kept) => {
    const { server, repository } = await start()
    const bytes = Buffer.from(makeDeb({ name: 'acme', version: '1.2.3-1', architecture: 'amd64', size: 300_000 }))
    const large = { coordinates: acme, content: bodyOf(bytes).content }
    server.faults.add({ on: pushes, do: fault })
    await expect(repository.create(large, bodyOf(bytes), soon())).rejects.toMatchObject({
      code: expect.stringMatching(/^(http\/(reset|timeout)|repository\/retry-later)$/),
    })
    expect(await repository.observe(acme, soon())).toMatchObject(
      kept === 1 ? { saw: 'present', sha256: large.content.sha256 } : { saw: 'absent' },
    )
  })

  test('is ambiguous when the server stalls, too', async () => {
    const { server, repository } = await start({}, { limits: { goAhead: 20, answerToUpload: 50 } })
    server.faults.add({ on: pushes, do: { stall: 300 } })
    await expect(repository.create(acmeItem, bodyOf(acmeDeb), soon())).rejects.toMatchObject({ code: 'http/timeout' })
    expect(await repository.observe(acme, soon())).toEqual({ saw: 'absent' })
  })

  test('whose body errors leaves nothing on the server', async () => {
    const { server, repository } = await start()
    const wrong = new Error('the bytes were wrong')
    const body = bodyOf(acmeDeb, () =>
      Readable.from(
        (async function* () {
          yield acmeDeb.subarray(0, -1)
          throw wrong
        })(),
      ),
    )
    await expect(repository.create(acmeItem, body, soon())).rejects.toBe(wrong)
    expect(await repository.observe(acme, soon())).toEqual({ saw: 'absent' })
    expect(server.packages('acme/stable')).toEqual([])
  })

  test('is accepted when the server forgets it: the look afterwards says absent', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { acceptAndForget: true } })
    expect(await repository.create(acmeItem, bodyOf(acmeDeb), soon())).toMatchObject({ outcome: 'accepted' })
    expect(await repository.observe(acme, soon())).toEqual({ saw: 'absent' })
  })

  test('is accepted when the server keeps other bytes: the look afterwards has their digest', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { storeOtherBytes: true } })
    expect(await repository.create(acmeItem, bodyOf(acmeDeb), soon())).toMatchObject({ outcome: 'accepted' })
    const seen = await repository.observe(acme, soon())
    expect(seen).toMatchObject({ saw: 'present', sha256: expect.not.stringMatching(acmeItem.content.sha256) })
    const bytes = await buffer(await repository.read(seen.saw === 'present' ? seen.location : '', soon()))
    expect(seen).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex') })
  })

  test('goes on when the server does not know the question', async () => {
    const { server, repository } = await start({}, { limits: { goAhead: 20 } })
    server.faults.add({ on: pushes, do: { ignoreExpect: true } })
    expect(await repository.create(acmeItem, bodyOf(acmeDeb), soon())).toMatchObject({ outcome: 'accepted' })
  })

  test.each([
    ['nothing', {}, undefined],
    ['the older form', { package: { filename: 'kept.deb', version: '1' } }, '/acme/stable/packages/ubuntu/jammy/kept.deb/download'],
    ['no JSON', 'thanks', undefined],
    ['a name that leads elsewhere', { filename: '..' }, undefined],
  ])('may be answered with %s', async (_, body, location) => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { commitThenAnswer: 201, body } })
    expect(await repository.create(acmeItem, bodyOf(acmeDeb), soon())).toEqual({
      outcome: 'accepted',
      ...(location === undefined ? {} : { location }),
    })
  })
})
