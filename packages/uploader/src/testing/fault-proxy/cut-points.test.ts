import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleBytes } from '../fixtures.js'
import { answerOf, endsOf, eventually, requestOf } from './raw-ends.js'

const size = 1_000_000
const request = requestOf(sampleBytes(size, 1))
const answer = answerOf(sampleBytes(size, 2))

/** Any place in a message, most of them where something begins or ends. */
const at = (length: number) =>
  fc.oneof(
    fc.nat(length),
    fc.nat(200),
    fc.nat(200).map((left) => length - left),
    fc.constantFrom(0, length - size - 1, length - size, length - 1, length),
  )

const breaks = fc.constantFrom('close' as const, 'close-unannounced' as const, 'close-in-record' as const, 'reset' as const)
const how = (breach: string) => (breach === 'reset' ? 'reset' : 'close')

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  const { proxyTo, rawClient, rawServer } = endsOf(scheme)

  test('wherever an answer is broken off, the client has exactly the bytes before', async () => {
    const server = await rawServer((seen, socket) => void (seen.includes('\r\n\r\n') && socket.write(answer)))
    const proxy = await proxyTo(server.url)
    await fc.assert(
      fc.asyncProperty(at(answer.length), breaks, async (head, breach) => {
        proxy.faults.add({ do: { answer: { after: { head }, breach } } })
        const { bytes, ended } = await rawClient(proxy.url, 'GET / HTTP/1.1\r\n\r\n').over
        expect([bytes.equals(answer.subarray(0, head)), bytes.length, ended]).toEqual([true, head, how(breach)])
      }),
      { numRuns: scheme === 'http' ? 30 : 60 },
    )
  })

  test('wherever a request is broken off, the server has exactly the bytes before', async () => {
    const server = await rawServer(() => undefined)
    const proxy = await proxyTo(server.url)
    await fc.assert(
      fc.asyncProperty(at(request.length), breaks, async (head, breach) => {
        proxy.faults.add({ do: { request: { after: { head }, breach } } })
        const { ended } = await rawClient(proxy.url, request).over
        const seen = server.connections.at(-1)
        await eventually(() => expect(seen?.ended).toBe(how(breach)))
        expect([seen?.bytes.equals(request.subarray(0, head)), seen?.bytes.length, ended]).toEqual([true, head, how(breach)])
      }),
      { numRuns: scheme === 'http' ? 30 : 60 },
    )
  })
})
