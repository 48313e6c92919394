import { describe, expect, test, vi } from 'vitest'
import { isFinal } from '../../contract/refusal.js'
import { acme, acmeDeb, acmeItem, pushes, soon, start, token } from '../../testing/acme.js'
import { bodyOf } from '../../testing/bodies.js'

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
    const body = bodyOf(acmeDeb)
    const stream = vi.fn(body.stream)
    expect(await repository.create(acmeItem, { ...body, stream }, soon())).toMatchObject({
      outcome: 'refused',
      because: { code, message: expect.stringContaining(word) },
    })
    expect(stream).not.toHaveBeenCalled()
    await expect(repository.observe(acme, soon())).rejects.toMatchObject({ code })
  })

  test.each([500, 502, 503, 504])('%i is no answer, but says when to ask again', async (status) => {
    const { server, repository } = await start()
    const headers = { 'retry-after': '7' }
    server.faults.add({ on: pushes, do: { answer: status, headers } }, { on: { path: /search/ }, do: { answer: status, headers } })
    await expect(repository.create(acmeItem, bodyOf(acmeDeb), soon())).rejects.toMatchObject({
      code: 'repository/retry-later',
      status,
      retryAfter: 7,
    })
    await expect(repository.observe(acme, soon())).rejects.toMatchObject({ code: 'repository/retry-later', status, retryAfter: 7 })
  })

  test('429 is a wish to be asked later, and nothing was done', async () => {
    const { server, repository } = await start()
    const headers = { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }
    server.faults.add({ on: pushes, do: { answer: 429, headers } }, { on: { path: /search/ }, do: { answer: 429 } })
    const until = expect.stringMatching(/^2100-01-01T00:00:00/)
    await expect(repository.create(acmeItem, bodyOf(acmeDeb), soon())).rejects.toMatchObject({ code: 'repository/put-off', until })
    await expect(repository.observe(acme, soon())).rejects.toMatchObject({ code: 'repository/put-off', until: undefined })
  })

  test('409 leaves it open', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { answer: 409 } })
    await expect(repository.create(acmeItem, bodyOf(acmeDeb), soon())).rejects.toMatchObject({ code: 'repository/unexpected-answer' })
  })

  test('a wrong token is final, and is not in the message', async () => {
    const { repository } = await start({}, { secret: 'another-token' })
    const error = await repository.observe(acme, soon()).catch((thrown: unknown) => thrown)
    expect(isFinal(error)).toBe(true)
    expect(String(error)).not.toContain('another-token')
    // A job gets another token than was set where GitLab takes a part of it for a variable's name.
    expect(String(error)).toContain(
      'the variable PUBLIC_TOKEN: it must hold an API token of this server. If the token has a `$`: turn off "Expand',
    )
  })

  test('a message of the server is one line without the token', async () => {
    const { server, repository } = await start()
    server.faults.add({ on: pushes, do: { answer: 422, body: { name: [`${token}\n\u001b[0Ksection_start:1:x`] } } })
    const written = await repository.create(acmeItem, bodyOf(acmeDeb), soon())
    expect(written).toMatchObject({
      because: { message: 'acme/stable: the server refuses it (422). Its answer: name [redacted] [0Ksection_start 1:x' },
    })
  })
})
