import { expect, test } from 'vitest'
import { createHttpClient } from '../../http/create-client.js'
import { virtualClock } from '../../testing/fixtures.js'
import { Answers } from './answers.js'

const client = createHttpClient({
  origin: 'https://registry.example',
  credential: { scheme: 'bearer', token: { variable: 'TOKEN' } },
  secrets: () => 's3cret',
})
const answers = new Answers(client, virtualClock())
const saying = (...codes: string[]) =>
  JSON.stringify({ errors: codes.map((code) => ({ code, message: `${code} s3cret`, detail: { any: 1 } })) })

test.each([
  [404, saying('MANIFEST_UNKNOWN'), true],
  [404, saying('UNSUPPORTED', 'NAME_UNKNOWN'), true],
  [404, saying('BLOB_UNKNOWN'), true],
  [404, saying('NOT_FOUND'), true],
  [404, saying('DENIED'), false],
  [404, '{"errors":[]}', false],
  [404, '<html>', false],
  [404, undefined, false],
  [400, saying('MANIFEST_UNKNOWN'), false],
  [200, saying('MANIFEST_UNKNOWN'), false],
])('statement 3: %i with %j is absent: %s', (status, text, absent) => {
  expect(answers.saysAbsent({ status, headers: {}, text })).toBe(absent)
})

test.each([
  [400, saying('MANIFEST_INVALID'), 'repository/refused'],
  [400, saying('DIGEST_INVALID'), 'repository/unexpected-answer'],
  [400, saying('MANIFEST_BLOB_UNKNOWN'), 'repository/unexpected-answer'],
  [401, '', 'repository/unauthorized'],
  [402, '', 'repository/payment-required'],
  [403, saying('DENIED'), 'repository/forbidden'],
  [403, saying('TOOMANYREQUESTS'), 'repository/put-off'],
  [404, saying('MANIFEST_UNKNOWN'), 'repository/unexpected-answer'],
  [405, '', 'repository/unsupported'],
  [408, '', 'repository/retry-later'],
  [409, '', 'repository/unexpected-answer'],
  [413, '', 'repository/too-large'],
  [429, '', 'repository/put-off'],
  [500, saying('UNKNOWN'), 'repository/retry-later'],
  [503, '', 'repository/retry-later'],
])('%i with %j is %s, and shows no secret', (status, text, code) => {
  const error = answers.unexpected({ status, headers: { 'retry-after': '30' }, text }, '/v2/hello/x?digest=y')
  expect(error).toMatchObject({ code, where: 'https://registry.example/v2/hello/x' })
  expect(error.message).not.toContain('s3cret')
})

test('the time that it asks for is respected', () => {
  const headers = { 'retry-after': '30' }
  expect(answers.unexpected({ status: 429, headers }, '/')).toMatchObject({ until: '2026-01-31T12:00:30.000Z' })
  expect(answers.unexpected({ status: 503, headers }, '/')).toMatchObject({ retryAfter: 30 })
})

test('the registry’s own message is part of ours', () => {
  const text = JSON.stringify({ errors: [{ code: 'DENIED', message: 'requested\naccess' }, { code: 'UNKNOWN' }] })
  expect(answers.refusal({ status: 403, headers: {}, text })).toEqual({
    code: 'repository/forbidden',
    message: 'The account does not have permission for this (403). Its answer: DENIED, requested access; UNKNOWN',
  })
})
