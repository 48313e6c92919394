import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { instant, later } from '@stagegate/schema'
import * as v from 'valibot'
import { afterEach, describe, expect, test } from 'vitest'
import type { Credential } from '../http/client.js'
import { createEnvironment } from '../repository/environment.js'
import { authority, tls } from '../testing/authority.js'
import { type Listening, listen } from '../testing/server/listen.js'
import { GitlabApi, privateToken } from './gitlab-api.js'
import type { Resources } from './resource.js'

const token = 'glpat-0f1e2d3c4b5a69788796'
const open: Listening[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
type Respond = (seen: Seen) => { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown }

/** A server over HTTPS that answers so, and what it was asked. */
async function serve(respond: Respond) {
  const asked: Seen[] = []
  const server = await listen(async (request, response) => {
    const { method, url, headers } = request
    const seen = { method, url, headers, body: await text(request) }
    asked.push(seen)
    const { status = 200, headers: given, body } = respond(seen)
    response.writeHead(status, given).end(typeof body === 'string' ? body : JSON.stringify(body))
  }, tls)
  open.push(server)
  return { url: server.url, asked }
}

function apiOf(url: string, credential: Credential = privateToken('TOKEN')) {
  return new GitlabApi({ url }, createEnvironment({ variables: { TOKEN: token } }), credential)
}
const soon = () => ({ signal: new AbortController().signal, deadline: later(instant(Date.now()), 5) })
const everyJob = (jobs: Resources['Jobs']) => jobs.all('acme/tools/hello', { pipelineId: 4711, showExpanded: false })
const Rows = v.array(v.object({ id: v.number() }))

describe('a request', () => {
  test('goes to the API below the instance’s path, with the token in its header and the project’s path as one part', async () => {
    const { url, asked } = await serve(() => ({ body: [{ id: 1 }] }))
    expect(await apiOf(`${url}/code/`).ask('Jobs', everyJob, Rows, soon())).toEqual([{ id: 1 }])
    expect(asked).toMatchObject([
      { method: 'GET', url: '/code/api/v4/projects/acme%2Ftools%2Fhello/pipelines/4711/jobs', headers: { 'private-token': token } },
    ])
    expect(asked[0]?.headers).not.toHaveProperty('authorization')
  })

  test('of a job has the job’s token alone', async () => {
    const { url, asked } = await serve(() => ({ body: { id: 1 } }))
    const credential = { scheme: 'header', header: 'JOB-TOKEN', value: { variable: 'TOKEN' } } as const
    await apiOf(url, credential).ask('Jobs', (jobs) => jobs.showConnectedJob(), v.object({ id: v.number() }), soon())
    expect(asked).toMatchObject([{ url: '/api/v4/job', headers: { 'job-token': token } }])
  })

  test('that starts a pipeline is a form: no token in the address, and each value as it is', async () => {
    const { url, asked } = await serve(() => ({ status: 201, body: { id: 1 } }))
    const credential = { scheme: 'form', field: 'token', value: { variable: 'TOKEN' } } as const
    const values = { A_B: 'x&y=z', Mixed_Case: 'ä +%2F', EMPTY: '' }
    const fields = Object.fromEntries(Object.entries(values).map(([name, value]) => [`variables[${name}]`, value]))
    const start = (tokens: Resources['PipelineTriggerTokens']) => tokens.trigger('acme/deploy', 'main', '', { variables: {}, ...fields })
    await apiOf(url, credential).ask('PipelineTriggerTokens', start, v.object({ id: v.number() }), soon())
    expect(asked).toMatchObject([{ method: 'POST', url: '/api/v4/projects/acme%2Fdeploy/trigger/pipeline' }])
    expect([...new URLSearchParams(asked[0]?.body)]).toEqual([['token', token], ['ref', 'main'], ...Object.entries(fields)])
  })

  test('is sent once, whatever is answered', async () => {
    for (const status of [400, 404, 408, 429, 500, 502, 503, 504]) {
      const { url, asked } = await serve(() => ({ status, body: {} }))
      await expect(apiOf(url).ask('Jobs', everyJob, Rows, soon())).rejects.toThrow()
      expect(asked).toHaveLength(1)
    }
  })

  test('deletes nothing', async () => {
    const { url, asked } = await serve(() => ({ body: {} }))
    await expect(apiOf(url).ask('Packages', (packages) => packages.remove(7, 1), v.any(), soon())).rejects.toThrow(
      'Stagegate deletes nothing',
    )
    expect(asked).toHaveLength(0)
  })
})

describe('a list', () => {
  const page = (number: number, next: string | undefined) => ({
    headers: { ...(next !== undefined && { link: `<${next}>; rel="next", <https://elsewhere.example/?page=1>; rel="first"` }) },
    body: [{ id: number }],
  })

  test('is read to its end, always from its own GitLab', async () => {
    const { url, asked } = await serve(({ url = '' }) => {
      const number = Number(new URL(url, 'https://x').searchParams.get('page') ?? 1)
      return page(number, number < 3 ? `https://elsewhere.example/api/v4/other?page=${number + 1}&per_page=100` : undefined)
    })
    expect(await apiOf(url).ask('Jobs', everyJob, Rows, soon())).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    expect(asked.map((one) => one.url?.split('?')[0])).toEqual(Array(3).fill('/api/v4/projects/acme%2Ftools%2Fhello/pipelines/4711/jobs'))
  })

  test('by keyset goes on as its link says', async () => {
    const { url, asked } = await serve(({ url = '' }) =>
      url.includes('id_after=1') ? page(2, undefined) : page(1, 'https://x.example/?pagination=keyset&id_after=1&order_by=id'),
    )
    // The cast: gitbeaker's types have the other sort of pages for this list.
    const pagination = 'keyset' as 'offset'
    const everything = (pipelines: Resources['Pipelines']) => pipelines.all(7, { pagination, perPage: 1, showExpanded: false })
    expect(await apiOf(url).ask('Pipelines', everything, Rows, soon())).toEqual([{ id: 1 }, { id: 2 }])
    expect(asked[1]?.url).toBe('/api/v4/projects/7/pipelines?pagination=keyset&id_after=1&order_by=id')
  })

  test('that never ends is left, and a person looks', async () => {
    const { url, asked } = await serve(() => page(1, 'https://x.example/?page=2'))
    await expect(apiOf(url).ask('Jobs', everyJob, Rows, soon())).rejects.toMatchObject({ code: 'gate/endless-list' })
    expect(asked).toHaveLength(50)
  })

  test('whose link was lost on the way is not taken for complete', async () => {
    const { url } = await serve(() => ({ headers: { 'x-next-page': '2' }, body: [{ id: 1 }] }))
    await expect(apiOf(url).ask('Jobs', everyJob, Rows, soon())).rejects.toMatchObject({ code: 'gitlab/unexpected-answer' })
  })
})

describe('an answer', () => {
  test('that redirects is a refusal: the token goes nowhere else', async () => {
    const elsewhere = await serve(() => ({ body: [] }))
    const { url } = await serve(() => ({ status: 302, headers: { location: `${elsewhere.url}/x` }, body: '' }))
    const error = await apiOf(url)
      .ask('Jobs', everyJob, Rows, soon())
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'GitlabRefusal', status: 302, location: `${elsewhere.url}/x` })
    expect(elsewhere.asked).toHaveLength(0)
  })

  test.each([
    [{ message: '403 Forbidden' }, '403 Forbidden'],
    [{ error: 'tag_name is missing' }, 'tag_name is missing'],
    [{ message: { base: ['one', 'two'], name: 'three' } }, 'base: one, two; name: three'],
    [{ message: `${token} is unknown` }, '[redacted] is unknown'],
    ['<html>a proxy’s page</html>', undefined],
    [{ other: 1 }, undefined],
  ])('that refuses with %j says so', async (body, said) => {
    const { url } = await serve(() => ({ status: 403, body }))
    const refusal = apiOf(url).ask('Jobs', everyJob, Rows, soon())
    await expect(refusal).rejects.toMatchObject({
      code: 'gitlab/refused',
      status: 403,
      said,
      where: `${url}/api/v4/projects/acme%2Ftools%2Fhello/pipelines/4711/jobs`,
    })
  })

  test.each([
    ['a login page', '<!DOCTYPE html><title>Sign in</title>'],
    ['nothing', ''],
    ['half of it', '[{"id": 1'],
    ['another shape', { jobs: [] }],
    ['a member of another type', [{ id: '1' }]],
    ['null', 'null'],
  ])('that is %s is unknown', async (_, body) => {
    const { url } = await serve(() => ({ body }))
    await expect(apiOf(url).ask('Jobs', everyJob, Rows, soon())).rejects.toMatchObject({ code: 'gitlab/unexpected-answer' })
  })

  test('of more than 4 MiB is not read', async () => {
    const { url } = await serve(() => ({ body: [{ id: 1, text: 'x'.repeat(5 * 1024 * 1024) }] }))
    await expect(apiOf(url).ask('Jobs', everyJob, Rows, soon())).rejects.toMatchObject({ code: 'http/too-long' })
  })

  test('with Retry-After closes the host for everybody, until then', async () => {
    let status = 429
    const { url, asked } = await serve(() => ({ status, headers: { 'retry-after': '7' }, body: 'Retry later' }))
    const api = apiOf(url)
    const first = await api.ask('Jobs', everyJob, Rows, soon()).catch((error: unknown) => error)
    expect(first).toMatchObject({ code: 'repository/put-off', until: expect.any(String) })
    status = 200
    await expect(api.ask('Jobs', everyJob, Rows, soon())).rejects.toMatchObject({ code: 'repository/put-off' })
    expect(asked).toHaveLength(1)
  })

  test('that is cut off is none', async () => {
    const server = await listen((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('[{"id"', () => response.destroy())
    }, tls)
    open.push(server)
    await expect(apiOf(server.url).ask('Jobs', everyJob, Rows, soon())).rejects.toMatchObject({ name: 'HttpError', code: 'http/reset' })
  })

  test('that does not come ends at the deadline, or with the reason for which it was stopped', async () => {
    const server = await listen(() => undefined, tls)
    open.push(server)
    const short = { ...soon(), deadline: later(instant(Date.now()), 0.05) }
    await expect(apiOf(server.url).ask('Jobs', everyJob, Rows, short)).rejects.toMatchObject({ code: 'http/timeout' })
    const stopped = new Error('stopped')
    const controller = new AbortController()
    const asking = apiOf(server.url).ask('Jobs', everyJob, Rows, { ...soon(), signal: controller.signal })
    controller.abort(stopped)
    await expect(asking).rejects.toBe(stopped)
  })

  test('of a server that nobody vouches for is none, and nothing was sent', async () => {
    let asked = 0
    const server = await listen(() => void asked++, authority.foreign)
    open.push(server)
    await expect(apiOf(server.url).ask('Jobs', everyJob, Rows, soon())).rejects.toMatchObject({ code: 'http/tls', final: true })
    expect(asked).toBe(0)
  })

  test('of nobody is none', async () => {
    const server = await listen(() => undefined)
    await server.close()
    await expect(apiOf(server.url).ask('Jobs', everyJob, Rows, soon())).rejects.toMatchObject({ code: 'http/unreachable' })
  })
})
