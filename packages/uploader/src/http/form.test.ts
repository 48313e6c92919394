import { expect, onTestFinished, test } from 'vitest'
import { tls } from '../testing/authority.js'
import { soon } from '../testing/fixtures.js'
import { listen } from '../testing/server/listen.js'
import { createHttpClient } from './create-client.js'

test('a form carries its secret as a field, and no header, path or message shows it', async () => {
  const seen: string[] = []
  const server = await listen((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      seen.push(`${request.method} ${request.url}`, JSON.stringify(request.headers), body)
      // A server that says it again.
      response.end(body)
    })
  }, tls)
  onTestFinished(() => server.close())
  const credential = { scheme: 'form', field: 'token', value: { variable: 'TRIGGER' } } as const
  const client = createHttpClient({ origin: server.url, credential, secrets: () => 's3cr&t=1' })
  const answer = await client.send({ method: 'POST', path: '/start', body: 'ref=main' }, soon())
  const [line, headers, body] = seen
  expect([line, body]).toEqual(['POST /start', 'token=s3cr%26t%3D1&ref=main'])
  expect(headers).not.toContain('s3cr')
  expect(client.quote(answer.text)).toBe('token=[redacted]&ref=main')
  // What has no body has no secret.
  await client.send({ method: 'GET', path: '/start' }, soon())
  expect(seen.slice(3).join()).not.toContain('s3cr')
})
