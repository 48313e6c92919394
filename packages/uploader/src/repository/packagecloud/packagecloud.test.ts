import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { instant, later, type PackageCoordinates } from '@stagegate/schema'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../clock.js'
import { createHttpClient, type HttpLimits } from '../../http/index.js'
import { bodyOf } from '../../testing/packagecloud/bodies.js'
import { type PackagecloudOptions, readTokenOf, startPackagecloud } from '../../testing/packagecloud/index.js'
import { listen } from '../../testing/packagecloud/listen.js'
import { makeDeb, makeRpm } from '../../testing/packages.js'
import { isFinal } from '../refusal.js'
import { packagecloud } from './index.js'

const token = 'tok/en+1234567890'
const soon = () => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 10) })
const repositories = { 'acme/staging': { token, private: true }, 'acme/stable': { token } }

const at: PackageCoordinates = {
  format: 'deb',
  distribution: 'ubuntu/jammy',
  architecture: 'amd64',
  name: 'acme',
  version: '1.2.3-1',
  file: 'acme_1.2.3-1_amd64.deb',
}
const deb = Buffer.from(makeDeb({ name: 'acme', version: '1.2.3-1', architecture: 'amd64' }))
const item = { coordinates: at, content: bodyOf(deb).content }
const pushes = { method: 'POST', path: /packages\.json/ }

interface Opened {
  readonly repository?: string
  readonly credentials?: readonly string[]
  readonly limits?: Partial<HttpLimits>
  readonly secret?: string
}
function openAt(origin: string, { repository = 'acme/stable', credentials = ['PUBLIC_TOKEN'], limits, secret = token }: Opened = {}) {
  const http = (at: string, credential?: Parameters<typeof createHttpClient>[0]['credential']) =>
    createHttpClient({ origin: at, credential, secrets: () => secret, limits })
  const settings = packagecloud.parse({ repository })
  return packagecloud.open({ settings, role: 'public', origin, credentials }, { http, clock: systemClock, directory: (path) => path })
}
async function servedBy(repository: ReturnType<typeof openAt>, coordinates = at) {
  const stream = await repository.served?.(coordinates, soon())
  return stream === undefined ? undefined : buffer(stream)
}
async function start(options: Partial<PackagecloudOptions> = {}, opened: Opened = {}) {
  const server = await startPackagecloud({ repositories, ...options })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  return { server, repository: openAt(server.url, opened) }
}

describe('a packagecloud repository', () => {
  test.each([{}, { repository: 'acme' }, { repository: 'acme/../x' }, { repository: 'acme/..' }, { repository: 'acme/stable', more: 1 }])(
    'has one setting, and %j is not it',
    (settings) => {
      expect(() => packagecloud.parse(settings)).toThrow(expect.objectContaining({ code: 'usage/settings' }))
    },
  )

  test('has nothing, takes a package, and then has it: by digest, and to be read again', async () => {
    const { server, repository } = await start()
    expect(await repository.observe(at, soon())).toEqual({ saw: 'absent' })
    const written = await repository.create(item, bodyOf(deb), soon())
    const location = '/acme/stable/packages/ubuntu/jammy/acme_1.2.3-1_amd64.deb/download'
    expect(written).toEqual({ outcome: 'accepted', location })
    expect(await repository.observe(at, soon())).toEqual({ saw: 'present', sha256: item.content.sha256, size: undefined, location })
    expect(await buffer(await repository.read(location, soon()))).toEqual(deb)
    // The redirect was followed, and the token did not go along.
    expect(server.requests.filter((request) => request.at === 'storage').map((request) => request.headers)).toEqual([
      expect.not.objectContaining({ authorization: expect.anything() }),
    ])
  })

  test('has an .rpm with its epoch under the name without it', async () => {
    const { repository } = await start()
    const rpm = Buffer.from(makeRpm({ name: 'acme', version: '1.2.3', release: '1.el9', architecture: 'x86_64', epoch: 2 }))
    const coordinates: PackageCoordinates = {
      format: 'rpm',
      distribution: 'el/9',
      architecture: 'x86_64',
      name: 'acme',
      version: '2:1.2.3-1.el9',
      file: 'acme-1.2.3-1.el9.x86_64.rpm',
    }
    expect(await repository.create({ coordinates, content: bodyOf(rpm).content }, bodyOf(rpm), soon())).toMatchObject({
      outcome: 'accepted',
    })
    expect(await repository.observe(coordinates, soon())).toMatchObject({ saw: 'present', sha256: bodyOf(rpm).content.sha256 })
    expect(await repository.observe({ ...coordinates, distribution: 'el/8' }, soon())).toEqual({ saw: 'absent' })
  })

  test('finds a package that the server has given another file name, and reads it there', async () => {
    const { repository } = await start()
    const built = { ...at, file: 'acme-nightly.deb' }
    const written = await repository.create({ ...item, coordinates: built }, bodyOf(deb), soon())
    const seen = await repository.observe(built, soon())
    expect(seen).toMatchObject({
      saw: 'present',
      sha256: item.content.sha256,
      location: expect.stringContaining('/acme_1.2.3-1_amd64.deb/'),
    })
    expect(written).toEqual({ outcome: 'accepted', location: seen.saw === 'present' ? seen.location : '' })
  })

  test('finds a package under a name that nobody could foresee when its own has characters a search may stumble over', async () => {
    const { server, repository } = await start()
    const bytes = Buffer.from(makeDeb({ name: 'acme', version: '1.2.3+ee.0', architecture: 'amd64' }))
    const coordinates = { ...at, version: '1.2.3+ee.0', file: 'acme_1.2.3+ee.0_amd64.deb' }
    server.faults.add({ on: pushes, do: { storeAs: 'acme_1.2.3-ee.0_amd64.deb' } })
    await repository.create({ coordinates, content: bodyOf(bytes).content }, bodyOf(bytes), soon())
    expect(await repository.observe(coordinates, soon())).toMatchObject({ saw: 'present', sha256: bodyOf(bytes).content.sha256 })
  })

  test('says that it exists when the name is taken, by whatever bytes', async () => {
    const { repository } = await start()
    const other = Buffer.from(makeDeb({ name: 'acme', version: '1.2.3-1', architecture: 'amd64', size: 100 }))
    await repository.create(item, bodyOf(deb), soon())
    expect(await repository.create(item, bodyOf(other), soon())).toEqual({ outcome: 'exists' })
    expect(await repository.observe(at, soon())).toMatchObject({ sha256: item.content.sha256 })
  })

  test('does not take a plan’s limit for a name that is taken', async () => {
    const { server, repository } = await start()
    server.faults.add({
      on: pushes,
      do: { answer: 422, body: { filename: ['has already been taken'], plan: ['Upgrade to add more packages!'] } },
    })
    expect(await repository.create(item, bodyOf(deb), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/refused', message: expect.stringContaining('plan Upgrade to add more packages!') },
    })
  })

  test('refuses what the server says is no package, with its words', async () => {
    const { repository } = await start()
    expect(await repository.create(item, bodyOf('no package'), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/refused', message: expect.stringContaining('package_file is not a package') },
    })
  })

  test('has no digest at first, then it has: the details are asked while the list has none', async () => {
    const { repository } = await start({ lags: { digestAfter: 3 } })
    await repository.create(item, bodyOf(deb), soon())
    expect(await repository.observe(at, soon())).toMatchObject({ saw: 'present', sha256: undefined, size: deb.length })
    expect(await repository.observe(at, soon())).toMatchObject({ saw: 'present', sha256: item.content.sha256 })
  })

  test('reads all pages of a search, where the server gives few a page', async () => {
    const { server, repository } = await start({ maxPerPage: 2 })
    for (const name of ['a-acme', 'b-acme', 'c-acme', 'd-acme', 'acme']) {
      const bytes = Buffer.from(makeDeb({ name, version: '1.2.3-1', architecture: 'amd64' }))
      await repository.create({ coordinates: at, content: bodyOf(bytes).content }, bodyOf(bytes), soon())
    }
    expect(await repository.observe(at, soon())).toMatchObject({ saw: 'present', sha256: item.content.sha256 })
    expect(server.requests.filter(({ path }) => path.includes('search.json'))).toHaveLength(3)
  })

  test('serves its users the bytes, without a credential, and nothing before', async () => {
    const { server, repository } = await start()
    expect(await servedBy(repository)).toBe(undefined)
    await repository.create({ ...item, coordinates: { ...at, file: 'built.deb' } }, bodyOf(deb), soon())
    const before = server.requests.length
    expect(await servedBy(repository, { ...at, file: 'built.deb' })).toEqual(deb)
    expect(server.requests.slice(before).filter(({ headers }) => headers['authorization'] !== undefined)).toEqual([])
  })

  test('opens without a credential, for what users see', async () => {
    const { server, repository } = await start()
    await repository.create(item, bodyOf(deb), soon())
    const visitor = openAt(server.url, { credentials: [] })
    expect(await servedBy(visitor)).toEqual(deb)
    await expect(visitor.observe(at, soon())).rejects.toMatchObject({
      code: 'repository/unauthorized',
      message: expect.stringContaining('without a credential'),
    })
    await expect(servedBy(openAt(server.url, { repository: 'acme/staging', credentials: [] }))).rejects.toMatchObject({
      code: 'repository/unauthorized',
    })
  })

  test('takes no plain files', async () => {
    const { server, repository } = await start()
    const coordinates = { format: 'file', path: 'a/b' } as const
    expect(await repository.create({ coordinates, content: item.content }, bodyOf(deb), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/unsupported' },
    })
    await expect(repository.observe(coordinates, soon())).rejects.toMatchObject({ code: 'repository/unsupported' })
    expect(server.requests).toEqual([])
  })

  test('asks for the distributions once, and again only after a failure', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: { path: /distributions/ }, do: { answer: 503 } })
    await expect(repository.create(item, bodyOf(deb), soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
    const coordinates = (version: string) => ({ ...at, version, file: `acme_${version}_amd64.deb` })
    await Promise.all(
      ['1', '2', '3'].map((version) => {
        const bytes = Buffer.from(makeDeb({ name: 'acme', version, architecture: 'amd64' }))
        return repository.create({ coordinates: coordinates(version), content: bodyOf(bytes).content }, bodyOf(bytes), soon())
      }),
    )
    expect(server.requests.filter(({ path }) => path.includes('distributions'))).toHaveLength(2)
    expect(server.packages('acme/stable')).toHaveLength(3)
  })

  test('refuses a distribution that the server does not know, and names what is like it', async () => {
    const { repository } = await start()
    expect(await repository.create({ ...item, coordinates: { ...at, distribution: 'ubuntu/jamy' } }, bodyOf(deb), soon())).toEqual({
      outcome: 'refused',
      because: {
        code: 'repository/unknown-distribution',
        message: expect.stringContaining('ubuntu/jamy for deb packages. Do you mean ubuntu/jammy,'),
      },
    })
  })
})

describe('what a status means', () => {
  test.each([
    [401, 'repository/unauthorized', 'PUBLIC_TOKEN'],
    [402, 'repository/payment-required', 'plan'],
    [403, 'repository/forbidden', 'PUBLIC_TOKEN'],
    [404, 'repository/not-found-or-not-authorised', 'PUBLIC_TOKEN'],
    [413, 'repository/too-large', 'size'],
  ])('%i refuses an upload as %s, of which not a byte was sent, and leaves a look unknown', async (status, code, word) => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { answer: status } }, { on: { path: /search/ }, do: { answer: status } })
    const body = bodyOf(deb)
    const stream = vi.fn(body.stream)
    expect(await repository.create(item, { ...body, stream }, soon())).toMatchObject({
      outcome: 'refused',
      because: { code, message: expect.stringContaining(word) },
    })
    expect(stream).not.toHaveBeenCalled()
    await expect(repository.observe(at, soon())).rejects.toMatchObject({ code })
  })

  test.each([429, 500, 502, 503, 504])('%i is no answer, but says when to ask again', async (status) => {
    const { server, repository } = await start()
    const headers = { 'retry-after': '7' }
    server.faults.add({ on: pushes, do: { answer: status, headers } }, { on: { path: /search/ }, do: { answer: status, headers } })
    await expect(repository.create(item, bodyOf(deb), soon())).rejects.toMatchObject({
      code: 'repository/retry-later',
      status,
      retryAfter: 7,
    })
    await expect(repository.observe(at, soon())).rejects.toMatchObject({ code: 'repository/retry-later', status, retryAfter: 7 })
  })

  test('409 leaves it open', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { answer: 409 } })
    await expect(repository.create(item, bodyOf(deb), soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  })

  test('a wrong token is final, and is not in the message', async () => {
    const { repository } = await start({}, { secret: 'another-token' })
    const error = await repository.observe(at, soon()).catch((thrown: unknown) => thrown)
    expect(isFinal(error)).toBe(true)
    expect(String(error)).not.toContain('another-token')
  })

  test('a message of the server is one line without the token', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { answer: 422, body: { name: [`${token}\n\u001b[0Ksection_start:1:x`] } } })
    const written = await repository.create(item, bodyOf(deb), soon())
    expect(written).toMatchObject({
      because: { message: 'acme/stable: the server refuses it (422). It says: name [redacted] [0Ksection_start 1:x' },
    })
  })
})

describe('absent is never said of what is not known', () => {
  test.each([
    ['the answer is cut off', { truncateAnswer: 1 }],
    ['the connection is reset', { reset: 'before-body' }],
    ['the answer is not JSON', { answer: 200, body: '<html>sign in</html>' }],
    ['the answer is no list', { answer: 200, body: {} }],
    ['the list’s rows have no file names', { answer: 200, body: [{ name: 'acme' }] }],
    ['a digest is none', { answer: 200, body: [{ filename: 'x', sha256sum: 'x' }] }],
    ['more was announced than was given', { answer: 200, body: [], headers: { total: '1' } }],
    ['it is a redirect', { answer: 302, headers: { location: '/' } }],
    ['there is nothing', { answer: 204 }],
    [
      'the next page is on another host',
      {
        answer: 200,
        body: [{ filename: 'x' }],
        headers: { link: '<https://elsewhere.example/api/v1/repos/acme/stable/search.json?page=2>; rel="next"' },
      },
    ],
    [
      'the next page is another list',
      { answer: 200, body: [{ filename: 'x' }], headers: { link: '</api/v1/repos/acme/other/search.json?page=2>; rel=next' } },
    ],
    [
      'two packages fit',
      {
        answer: 200,
        body: [
          { filename: at.file, distro_version: at.distribution },
          {
            filename: 'again.deb',
            distro_version: at.distribution,
            type: 'deb',
            name: 'acme',
            version: '1.2.3',
            release: '1',
            architecture: 'amd64',
          },
        ],
      },
    ],
  ] as const)('when %s', async (_, fault) => {
    const { server, repository } = await start()
    server.faults.add({ on: { path: /search/ }, do: fault })
    await expect(repository.observe(at, soon())).rejects.toMatchObject({ code: expect.stringMatching(/^(http|repository)\//) })
    expect(server.requests.filter(({ path }) => path.includes('/other/'))).toEqual([])
  })

  test('when pages never end', async () => {
    let page = 0
    const server = await listen((request, response) => {
      const path = `${request.url?.split('?')[0]}?page=${++page}`
      response.writeHead(200, { link: `<${path}>; rel="next"` }).end('[{"filename":"x"}]')
    })
    onTestFinished(() => server.close())
    await expect(openAt(server.url).observe(at, soon())).rejects.toMatchObject({
      code: 'repository/unexpected-answer',
      message: expect.stringContaining('50 pages'),
    })
  })
})

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
    const large = { coordinates: at, content: bodyOf(bytes).content }
    server.faults.add({ on: pushes, do: fault })
    await expect(repository.create(large, bodyOf(bytes), soon())).rejects.toMatchObject({
      code: expect.stringMatching(/^(http\/(reset|timeout)|repository\/retry-later)$/),
    })
    expect(await repository.observe(at, soon())).toMatchObject(
      kept === 1 ? { saw: 'present', sha256: large.content.sha256 } : { saw: 'absent' },
    )
  })

  test('is ambiguous when the server stalls, too', async () => {
    const { server, repository } = await start({}, { limits: { goAhead: 20, answerToUpload: 50 } })
    server.faults.add({ on: pushes, do: { stall: 300 } })
    await expect(repository.create(item, bodyOf(deb), soon())).rejects.toMatchObject({ code: 'http/timeout' })
    expect(await repository.observe(at, soon())).toEqual({ saw: 'absent' })
  })

  test('whose body errors leaves nothing on the server', async () => {
    const { server, repository } = await start()
    const wrong = new Error('the bytes were wrong')
    const body = bodyOf(deb, () =>
      Readable.from(
        (async function* () {
          yield deb.subarray(0, -1)
          throw wrong
        })(),
      ),
    )
    await expect(repository.create(item, body, soon())).rejects.toBe(wrong)
    expect(await repository.observe(at, soon())).toEqual({ saw: 'absent' })
    expect(server.packages('acme/stable')).toEqual([])
  })

  test('is accepted when the server forgets it: the look afterwards says absent', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { acceptAndForget: true } })
    expect(await repository.create(item, bodyOf(deb), soon())).toMatchObject({ outcome: 'accepted' })
    expect(await repository.observe(at, soon())).toEqual({ saw: 'absent' })
  })

  test('is accepted when the server keeps other bytes: the look afterwards has their digest', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { storeOtherBytes: true } })
    expect(await repository.create(item, bodyOf(deb), soon())).toMatchObject({ outcome: 'accepted' })
    const seen = await repository.observe(at, soon())
    expect(seen).toMatchObject({ saw: 'present', sha256: expect.not.stringMatching(item.content.sha256) })
    const bytes = await buffer(await repository.read(seen.saw === 'present' ? seen.location : '', soon()))
    expect(seen).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex') })
  })

  test('goes on when the server does not know the question', async () => {
    const { server, repository } = await start({}, { limits: { goAhead: 20 } })
    server.faults.add({ on: pushes, do: { ignoreExpect: true } })
    expect(await repository.create(item, bodyOf(deb), soon())).toMatchObject({ outcome: 'accepted' })
  })

  test.each([
    ['nothing', {}, undefined],
    ['the older form', { package: { filename: 'kept.deb', version: '1' } }, '/acme/stable/packages/ubuntu/jammy/kept.deb/download'],
    ['no JSON', 'thanks', undefined],
    ['a name that leads elsewhere', { filename: '..' }, undefined],
  ])('may be answered with %s', async (_, body, location) => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { commitThenAnswer: 201, body } })
    expect(await repository.create(item, bodyOf(deb), soon())).toEqual({
      outcome: 'accepted',
      ...(location === undefined ? {} : { location }),
    })
  })
})

describe('reading', () => {
  const location = '/acme/stable/packages/ubuntu/jammy/acme_1.2.3-1_amd64.deb/download'

  test('what is gone is not there', async () => {
    const { repository } = await start()
    await expect(repository.read(location, soon())).rejects.toMatchObject({ name: 'NotThere' })
  })

  test('404 with a token that may not see the repository is not taken for gone', async () => {
    const { repository } = await start({ repositories: { 'acme/other': { token } } })
    await expect(repository.read(location, soon())).rejects.toMatchObject({ code: 'repository/not-found-or-not-authorised' })
  })

  test('404 for what is listed is not taken for gone', async () => {
    const { server, repository } = await start()
    await repository.create(item, bodyOf(deb), soon())
    server.faults.add({ on: { path: /download$/ }, do: { answer: 404 } })
    await expect(repository.read(location, soon())).rejects.toMatchObject({ code: 'repository/not-served' })
  })

  test('a refusal of the storage is none of the repository', async () => {
    const { server, repository } = await start()
    await repository.create(item, bodyOf(deb), soon())
    server.faults.add({ on: { path: /package_files/ }, do: { answer: 403 } })
    const error = await repository.read(location, soon()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'repository/not-served' })
    expect(isFinal(error)).toBe(false)
  })

  test('fails when the bytes end too early', async () => {
    const { server, repository } = await start()
    await repository.create(item, bodyOf(deb), soon())
    server.faults.add({ on: { path: /package_files/ }, do: { truncateAnswer: 10 } })
    await expect(repository.read(location, soon()).then(buffer)).rejects.toMatchObject({ code: 'http/short' })
  })

  test('a location of another repository is refused before anything is sent', async () => {
    const { server, repository } = await start()
    await expect(repository.read(location.replace('stable', 'staging'), soon())).rejects.toMatchObject({ code: 'usage/location' })
    expect(server.requests).toEqual([])
  })

  test('no location, observation or error has the token that the list shows', async () => {
    const { server, repository } = await start()
    await repository.create(item, bodyOf(deb), soon())
    server.faults.add({ on: { path: /download$/ }, do: { answer: 404 } })
    const said = [await repository.observe(at, soon()), String(await repository.read(location, soon()).catch((thrown: unknown) => thrown))]
    expect(JSON.stringify(said)).not.toContain(readTokenOf('acme/stable'))
  })
})
