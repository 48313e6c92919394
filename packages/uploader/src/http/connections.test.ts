import { instant, later } from '@stagegate/schema'
import { expect, onTestFinished, test } from 'vitest'
import { authority } from '../testing/authority.js'
import { bytesOf } from '../testing/fixtures.js'
import { listen } from '../testing/server/listen.js'
import { createHttpClient } from './create-client.js'

const soon = () => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 10) })
/** Of a house of its own, which nobody trusts unless told to. */
const { foreign } = authority
const house = authority.foreignChain.certificate.split(/(?=-----BEGIN)/).at(-1)
/** Trusted by this process, as a server with a public certificate is. */
const everybody = authority.server

/** What comes of a download from a server that leads to another one. */
async function follow(first: typeof foreign, second: typeof foreign, ca: string | undefined): Promise<string> {
  const storage = await listen((_, response) => response.end('the bytes'), second)
  const server = await listen(
    (request, response) => (request.url === '/' ? response.writeHead(302, { location: `${storage.url}/x` }).end() : response.end('a list')),
    first,
  )
  onTestFinished(() => Promise.all([storage.close(), server.close()]).then(() => undefined))
  const client = createHttpClient({ origin: server.url, ca, secrets: () => undefined })
  try {
    const { text } = await client.send({ method: 'GET', path: '/list' }, soon())
    const { stream } = await client.download('/', soon())
    return `${text}, ${await bytesOf(stream)}`
  } catch (error) {
    // The cast: nothing else is thrown here, and the test shows it.
    const { code, origin } = error as { code: string; origin: string }
    return `${code} at the ${origin === server.url ? 'server' : 'storage'}`
  }
}

test.each([
  ['both are trusted by everybody', everybody, everybody, undefined, 'a list, the bytes'],
  ['nobody trusts either', foreign, foreign, undefined, 'http/tls at the server'],
  ['nobody trusts the storage', everybody, foreign, undefined, 'http/tls at the storage'],
  ['both are of the author’s authority', foreign, foreign, house, 'a list, the bytes'],
  ['the server alone is of the author’s authority', foreign, everybody, house, 'a list, the bytes'],
  ['the storage’s certificate is out of date', foreign, authority.expired, house, 'http/tls at the storage'],
  // The author's authority stands in the place of the public ones.
  ['everybody but the author’s authority trusts the server', everybody, foreign, house, 'http/tls at the server'],
])('a server and the storage that it leads to, where %s', async (_, first, second, ca, expected) => {
  expect(await follow(first, second, ca)).toBe(expected)
})
