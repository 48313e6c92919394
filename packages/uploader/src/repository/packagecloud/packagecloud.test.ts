import { buffer } from 'node:stream/consumers'
import type { PackageCoordinates } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { acme, acmeDeb, acmeItem, openAt, pushes, soon, start } from '../../testing/acme.js'
import { bodyOf } from '../../testing/bodies.js'
import { makeDeb, makeRpm } from '../../testing/packages/index.js'
import { packagecloud } from './index.js'

async function servedBy(repository: ReturnType<typeof openAt>, coordinates = acme) {
  const stream = await repository.served?.(coordinates, soon())
  return stream === undefined ? undefined : buffer(stream)
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
    expect(await repository.observe(acme, soon())).toEqual({ saw: 'absent' })
    const written = await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    const location = '/acme/stable/packages/ubuntu/jammy/acme_1.2.3-1_amd64.deb/download'
    expect(written).toEqual({ outcome: 'accepted', location })
    expect(await repository.observe(acme, soon())).toEqual({ saw: 'present', sha256: acmeItem.content.sha256, size: undefined, location })
    expect(await buffer(await repository.read(location, soon()))).toEqual(acmeDeb)
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
    const built = { ...acme, file: 'acme-nightly.deb' }
    const written = await repository.create({ ...acmeItem, coordinates: built }, bodyOf(acmeDeb), soon())
    const seen = await repository.observe(built, soon())
    expect(seen).toMatchObject({
      saw: 'present',
      sha256: acmeItem.content.sha256,
      location: expect.stringContaining('/acme_1.2.3-1_amd64.deb/'),
    })
    expect(written).toEqual({ outcome: 'accepted', location: seen.saw === 'present' ? seen.location : '' })
  })

  test('finds a package under a name that nobody could foresee when its own has characters a search may stumble over', async () => {
    const { server, repository } = await start()
    const bytes = Buffer.from(makeDeb({ name: 'acme', version: '1.2.3+ee.0', architecture: 'amd64' }))
    const coordinates = {
      ...acme,
      version: '1.2.3+ee.0',
      file: 'acme_1.2.3+ee.0_amd64.deb',
    }
    server.faults.add({ on: pushes, do: { storeAs: 'acme_1.2.3-ee.0_amd64.deb' } })
    await repository.create({ coordinates, content: bodyOf(bytes).content }, bodyOf(bytes), soon())
    expect(await repository.observe(coordinates, soon())).toMatchObject({ saw: 'present', sha256: bodyOf(bytes).content.sha256 })
  })

  test('says that it exists when the name is taken, by whatever bytes', async () => {
    const { repository } = await start()
    const other = Buffer.from(makeDeb({ name: 'acme', version: '1.2.3-1', architecture: 'amd64', size: 100 }))
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    expect(await repository.create(acmeItem, bodyOf(other), soon())).toEqual({ outcome: 'exists' })
    expect(await repository.observe(acme, soon())).toMatchObject({ sha256: acmeItem.content.sha256 })
  })

  test('does not take a plan’s limit for a name that is taken', async () => {
    const { server, repository } = await start()
    server.faults.add({
      on: pushes,
      do: { answer: 422, body: { filename: ['has already been taken'], plan: ['Upgrade to add more packages!'] } },
    })
    expect(await repository.create(acmeItem, bodyOf(acmeDeb), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/refused', message: expect.stringContaining('plan Upgrade to add more packages!') },
    })
  })

  test('refuses what the server says is no package, with its words', async () => {
    const { repository } = await start()
    expect(await repository.create(acmeItem, bodyOf('no package'), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/refused', message: expect.stringContaining('package_file is not a package') },
    })
  })

  test('has no digest at first, then it has: the details are asked while the list has none', async () => {
    const { repository } = await start({ lags: { digestAfter: 3 } })
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    expect(await repository.observe(acme, soon())).toMatchObject({ saw: 'present', sha256: undefined, size: acmeDeb.length })
    expect(await repository.observe(acme, soon())).toMatchObject({ saw: 'present', sha256: acmeItem.content.sha256 })
  })

  test('reads all pages of a search, where the server gives few a page', async () => {
    const { server, repository } = await start({ maxPerPage: 2 })
    for (const name of ['a-acme', 'b-acme', 'c-acme', 'd-acme', 'acme']) {
      const bytes = Buffer.from(makeDeb({ name, version: '1.2.3-1', architecture: 'amd64' }))
      await repository.create({ coordinates: acme, content: bodyOf(bytes).content }, bodyOf(bytes), soon())
    }
    expect(await repository.observe(acme, soon())).toMatchObject({ saw: 'present', sha256: acmeItem.content.sha256 })
    expect(server.requests.filter(({ path }) => path.includes('search.json'))).toHaveLength(3)
  })

  test('serves its users the bytes, without a credential, and nothing before', async () => {
    const { server, repository } = await start()
    expect(await servedBy(repository)).toBe(undefined)
    await repository.create({ ...acmeItem, coordinates: { ...acme, file: 'built.deb' } }, bodyOf(acmeDeb), soon())
    const before = server.requests.length
    expect(await servedBy(repository, { ...acme, file: 'built.deb' })).toEqual(acmeDeb)
    expect(server.requests.slice(before).filter(({ headers }) => headers['authorization'] !== undefined)).toEqual([])
  })

  test('opens without a credential, for what users see', async () => {
    const { server, repository } = await start()
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    const visitor = openAt(server.url, { credentials: [] })
    expect(await servedBy(visitor)).toEqual(acmeDeb)
    await expect(visitor.observe(acme, soon())).rejects.toMatchObject({
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
    expect(await repository.create({ coordinates, content: acmeItem.content }, bodyOf(acmeDeb), soon())).toMatchObject({
      outcome: 'refused',
      because: { code: 'repository/unsupported' },
    })
    await expect(repository.observe(coordinates, soon())).rejects.toMatchObject({ code: 'repository/unsupported' })
    expect(server.requests).toEqual([])
  })

  test('asks for the distributions once, and again only after a failure', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: { path: /distributions/ }, do: { answer: 503 } })
    await expect(repository.create(acmeItem, bodyOf(acmeDeb), soon())).rejects.toMatchObject({ code: 'repository/retry-later' })
    const coordinates = (version: string) => ({
      ...acme,
      version,
      file: `acme_${version}_amd64.deb`,
    })
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
    expect(
      await repository.create({ ...acmeItem, coordinates: { ...acme, distribution: 'ubuntu/jamy' } }, bodyOf(acmeDeb), soon()),
    ).toEqual({
      outcome: 'refused',
      because: {
        code: 'repository/unknown-distribution',
        message: expect.stringContaining('ubuntu/jamy for deb packages. Did you mean ubuntu/jammy,'),
      },
    })
  })
})
