import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleBytes } from '../fixtures.js'
import { answerOf, eventually, proxyTo, rawClient, rawServer, requestOf } from './raw-ends.js'

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

test('wherever an answer is broken off, the client has exactly the bytes before', async () => {
  const server = await rawServer((seen, socket) => void (seen.includes('\r\n\r\n') && socket.write(answer)))
  const proxy = await proxyTo(server.url)
  await fc.assert(
    fc.asyncProperty(at(answer.length), fc.constantFrom('close' as const, 'reset' as const), async (head, breach) => {
      proxy.faults.add({ do: { answer: { after: { head }, breach } } })
      const { bytes, ended } = await rawClient(proxy.url, 'GET / HTTP/1.1\r\n\r\n').over
      expect([bytes.equals(answer.subarray(0, head)), bytes.length, ended]).toEqual([true, head, breach])
    }),
    { numRuns: 60 },
  )
})

test('wherever a request is broken off, the server has exactly the bytes before', async () => {
  const server = await rawServer(() => undefined)
  const proxy = await proxyTo(server.url)
  await fc.assert(
    fc.asyncProperty(at(request.length), fc.constantFrom('close' as const, 'reset' as const), async (head, breach) => {
      proxy.faults.add({ do: { request: { after: { head }, breach } } })
      const { ended } = await rawClient(proxy.url, request).over
      const seen = server.connections.at(-1)
      await eventually(() => expect(seen?.ended).toBe(breach))
      expect([seen?.bytes.equals(request.subarray(0, head)), seen?.bytes.length, ended]).toEqual([true, head, breach])
    }),
    { numRuns: 60 },
  )
})
