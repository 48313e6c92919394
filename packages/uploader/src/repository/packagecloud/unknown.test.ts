import { describe, expect, onTestFinished, test } from 'vitest'
import { acme, openAt, soon, start } from '../../testing/acme.js'
import { tls } from '../../testing/authority.js'
import { listen } from '../../testing/server/listen.js'

describe('an unknown package is never reported as absent', () => {
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
          { filename: acme.file, distro_version: acme.distribution },
          {
            filename: 'again.deb',
            distro_version: acme.distribution,
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
    await expect(repository.observe(acme, soon())).rejects.toMatchObject({ code: expect.stringMatching(/^(http|repository)\//) })
    expect(server.requests.filter(({ path }) => path.includes('/other/'))).toEqual([])
  })

  test('when pages never end', async () => {
    let page = 0
    const server = await listen((request, response) => {
      const path = `${request.url?.split('?')[0]}?page=${++page}`
      response.writeHead(200, { link: `<${path}>; rel="next"` }).end('[{"filename":"x"}]')
    }, tls)
    onTestFinished(() => server.close())
    await expect(openAt(server.url).observe(acme, soon())).rejects.toMatchObject({
      code: 'repository/unexpected-answer',
      message: expect.stringContaining('50 pages'),
    })
  })
})
