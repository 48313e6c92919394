import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { fileOf, instant, type PlannedDestination, type Sha256, sha256 } from '@stagegate/schema'
import { expect, onTestFinished, test } from 'vitest'
import type { PublicRepository, StagingRepository } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import { PutOff } from '../contract/put-off.js'
import { exitCodeOf } from '../exit-code.js'
import { retryAt } from '../http/retry-after.js'
import type { Environment } from '../repository/define.js'
import { createEnvironment } from '../repository/environment.js'
import { tls } from '../testing/authority.js'
import { acmeAt, contentOf, itemOf, manifestOf, memoryRepository, originOf, planOf, sampleBytes } from '../testing/fixtures.js'
import { type Listening, listen } from '../testing/server/listen.js'
import { Hosts } from '../transfer/host.js'
import { defaultLimits } from '../transfer/limits.js'
import { publish } from './publish.js'

/** Its hours are shorter than ours. */
function fastClock(speed: number): Clock {
  const [real, start] = [performance.now(), Date.parse('2026-01-31T12:00:00.000Z')]
  return {
    now: () => instant(Math.round(start + (performance.now() - real) * speed)),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const stop = () => {
          clearTimeout(timer)
          reject(signal.reason)
        }
        const timer = setTimeout(() => {
          signal.removeEventListener('abort', stop)
          resolve()
        }, milliseconds / speed)
        signal.addEventListener('abort', stop, { once: true })
      }),
  }
}

/** Keeps what is put to a path, once, and says its digest. */
async function fileServer(misbehave: (request: IncomingMessage, response: ServerResponse) => boolean = () => false) {
  const files = new Map<string, Sha256>()
  const server: Listening = await listen(async (request, response) => {
    // Whoever is reset reports an error, here as there.
    request.on('error', () => undefined)
    if (misbehave(request, response)) return
    const path = request.url ?? ''
    const known = files.get(path)
    if (request.method === 'PUT') {
      const data = await buffer(request).catch(() => undefined)
      if (data === undefined) return
      if (!files.has(path)) files.set(path, sha256(createHash('sha256').update(data).digest('hex')))
      response.writeHead(known === undefined ? 201 : 409).end()
    } else response.writeHead(known === undefined ? 404 : 200, { 'x-sha256': known ?? '' }).end()
  }, tls)
  onTestFinished(() => server.close())
  return { server, files }
}

/** A repository on such a server, which notes when it asked and when it was told to wait. */
function repositoryAt(url: string, environment: Environment) {
  const client = environment.http(url)
  const asked: string[] = []
  const told: { at: string; until: string }[] = []
  const clock = environment.clock
  const ask = async (...request: Parameters<typeof client.send>) => {
    const at = clock.now()
    const answer = await client.send(...request).catch((error: unknown) => {
      // What the client held back was not asked.
      if (!(error instanceof PutOff)) asked.push(at)
      throw error
    })
    asked.push(at)
    if (answer.status !== 429) return answer
    const now = clock.now()
    const until = retryAt(answer.headers['retry-after'], now)
    told.push({ at: now, until: until ?? now })
    throw new PutOff({ what: 'asked too often', until })
  }
  const repository: PublicRepository = {
    host: client.origin,
    async observe(at, call) {
      const path = `/${fileOf(at)}`
      const { status, headers } = await ask({ method: 'HEAD', path }, call)
      if (status === 404) return { saw: 'absent' }
      if (status !== 200) throw new Error(`the server answered ${status}`)
      return { saw: 'present', sha256: sha256(headers['x-sha256'] ?? ''), size: undefined, location: path }
    },
    async create({ coordinates }, body, call) {
      const path = `/${fileOf(coordinates)}`
      const { status } = await ask({ method: 'PUT', path, body }, call)
      if (status === 201) return { outcome: 'accepted' }
      if (status === 409) return { outcome: 'exists' }
      throw new Error(`the server answered ${status}`)
    },
  }
  return { repository, asked, told }
}

test('statement 5: 200 packages go to four hosts, one of which is asked too often half of the time and one resets every fifth connection', {
  timeout: 120_000,
}, async () => {
  const clock = fastClock(25)
  let requests = 0
  const busy = await fileServer((_request, response) => {
    if (++requests % 2 === 0) return false
    // Half of the time as seconds, half as a date.
    const header = requests % 4 === 1 ? '2' : new Date(Date.parse(clock.now()) + 2000).toUTCString()
    response.writeHead(429, { 'retry-after': header }).end()
    return true
  })
  const unsteady = await fileServer()
  let connections = 0
  unsteady.server.server.on('connection', (socket) => {
    if (++connections % 5 === 0) socket.once('data', () => socket.resetAndDestroy())
  })
  const [third, fourth] = [await fileServer(), await fileServer()]

  const hosts = new Hosts({ clock, random: Math.random, limits: defaultLimits })
  const environment = createEnvironment({ variables: {}, base: '/', rehearsal: true, clock, hosts })
  const servers = [busy, unsteady, third, fourth].map((one) => ({ ...one, ...repositoryAt(one.server.url, environment) }))
  const packages = Array.from({ length: 200 }, (_, index) => {
    const data = sampleBytes(1000 + 997 * (index % 100), index)
    const file = `acme_1.2.${index}_amd64.deb`
    return { data, at: { ...acmeAt, version: `1.2.${index}`, file } }
  })
  const staging = memoryRepository(...packages.map(({ at, data }) => [at, data] as const))
  const destinations = servers.map((_, index): PlannedDestination => ({ repository: `mirror ${index}`, advisory: false }))
  const receipt = await publish(
    manifestOf(
      packages.map(({ at, data }) => itemOf(data, at)),
      { destinations },
    ),
    {
      origin: originOf(planOf()),
      clock,
      hosts,
      repositories: new Map<string, StagingRepository | PublicRepository>([
        ['staging', staging],
        ...servers.map(({ repository }, index) => [`mirror ${index}`, repository] as const),
      ]),
    },
  )

  expect(receipt.outcomes.filter(({ verdict }) => verdict !== 'published').map(({ problem, verdict }) => ({ problem, verdict }))).toEqual(
    [],
  )
  expect(receipt.outcomes).toHaveLength(800)
  expect(exitCodeOf(receipt.outcomes)).toBe(0)
  const expected = new Map(packages.map(({ at, data }) => [`/${at.file}`, contentOf(data).sha256]))
  for (const { files } of servers) expect(files).toEqual(expected)

  const [{ asked, told }] = servers as [(typeof servers)[number]]
  expect(told.length).toBeGreaterThan(100)
  const inside = told.flatMap((window) => asked.filter((at) => at > window.at && at < window.until))
  expect(inside).toEqual([])
  expect(connections).toBeGreaterThan(200)
})
