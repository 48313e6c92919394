import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { isFinal } from '../../contract/refusal.js'
import { acme, acmeDeb, acmeItem, openAt, soon, start, token } from '../../testing/acme.js'
import { bodyOf } from '../../testing/bodies.js'
import { readTokenOf } from '../../testing/packagecloud/index.js'

describe('reading', () => {
  const location = '/acme/stable/packages/ubuntu/jammy/acme_1.2.3-1_amd64.deb/download'

  test('a deleted package is not there', async () => {
    const { repository } = await start()
    await expect(repository.read(location, soon())).rejects.toMatchObject({ name: 'NotThere' })
  })

  test('404 with a token that may not see the repository is not taken for gone', async () => {
    const { repository } = await start({ repositories: { 'acme/other': { token } } })
    await expect(repository.read(location, soon())).rejects.toMatchObject({ code: 'repository/not-found-or-not-authorised' })
  })

  test('404 for what is listed is not taken for gone', async () => {
    const { server, repository } = await start()
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    server.faults.add({ on: { path: /download$/ }, do: { answer: 404 } })
    await expect(repository.read(location, soon())).rejects.toMatchObject({ code: 'repository/not-served' })
  })

  test('a refusal by the storage is not one by the repository', async () => {
    const { server, repository } = await start()
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    server.faults.add({ on: { path: /package_files/ }, do: { answer: 403 } })
    const error = await repository.read(location, soon()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'repository/not-served' })
    expect(isFinal(error)).toBe(false)
  })

  test('fails when the bytes end too early', async () => {
    const { server, repository } = await start()
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
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
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    server.faults.add({ on: { path: /download$/ }, do: { answer: 404 } })
    const said = [
      await repository.observe(acme, soon()),
      String(await repository.read(location, soon()).catch((thrown: unknown) => thrown)),
    ]
    expect(JSON.stringify(said)).not.toContain(readTokenOf('acme/stable'))
  })
})

describe('serving a private repository', () => {
  const repositories = { 'acme/stable': { token, private: true, readToken: 'reader' } }

  test('its users get the bytes with their read token', async () => {
    const { server, repository } = await start({ repositories })
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    const asUser = openAt(server.url, { access: 'users', credentials: ['READ_TOKEN'], secret: 'reader' })
    const stream = await asUser.served?.(acme, soon())
    expect(stream && (await buffer(stream)).equals(acmeDeb)).toBe(true)
  })

  test('nobody gets them without one', async () => {
    const { server, repository } = await start({ repositories })
    await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    const asAnybody = openAt(server.url, { access: 'users', credentials: [] })
    await expect(asAnybody.served?.(acme, soon())).rejects.toMatchObject({ code: 'repository/unauthorized' })
  })
})
