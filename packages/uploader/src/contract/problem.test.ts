import { parseReceipt, StagegateError } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { acmeAt, itemOf, manifestOf, originOf, planOf, sampleBytes } from '../testing/fixtures.js'
import { receiptOf } from '../verb/publish.js'
import { problemOf, withLast } from './problem.js'

const refused = () => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED', syscall: 'connect' })
const failed = (cause: unknown) => new TypeError('fetch failed', { cause })
const circle = () => {
  const error = new Error('round')
  error.cause = new Error('and round', { cause: error })
  return error
}
const long = () => {
  let error = new Error('0')
  for (let depth = 1; depth < 100; depth++) error = new Error(`no ${depth}`, { cause: error })
  return error
}

test.each<[string, unknown, string, readonly string[] | undefined]>([
  ['fetch', failed(refused()), 'fetch failed', ['connect ECONNREFUSED 127.0.0.1:9']],
  [
    'fetch to a name with several addresses',
    failed(Object.assign(new AggregateError([refused(), refused()], ''), { code: 'ECONNREFUSED' })),
    'fetch failed',
    ['ECONNREFUSED: AggregateError'],
  ],
  ['fetch and a certificate', failed(Object.assign(new Error('self-signed'), { code: 'CERT' })), 'fetch failed', ['CERT: self-signed']],
  ['causes in a chain', new Error('a', { cause: new Error('bb', { cause: 'ccc' }) }), 'a', ['bb', 'ccc']],
  ['a cause that says the same', new Error('no room', { cause: new Error('room') }), 'no room', undefined],
  ['a circle of causes', circle(), 'round', ['and round']],
  ['several at once', new AggregateError([new Error('x1'), new Error('x2')], 'all failed'), 'all failed', ['x1', 'x2']],
  ['an error without a message', new RangeError(), 'RangeError', undefined],
  ['a text', 'went wrong', 'went wrong', undefined],
  ['an object', { reason: 'no' }, '{"reason":"no"}', undefined],
  ['nothing', undefined, 'undefined', undefined],
  ['an object without a prototype', Object.create(null), '{}', undefined],
  ['a symbol', Symbol('s'), 'Symbol(s)', undefined],
  ['several lines', new Error('one\ntwo'), 'one', undefined],
  ['control characters', new Error('a\u001b[31m', { cause: new Error('b\u0007') }), 'a [31m', ['b']],
])('keeps the cause of what a repository threw: %s', (_, error, message, causes) => {
  expect(problemOf(error)).toEqual({ code: 'repository/threw', message, ...(causes && { causes }) })
})

test('a getter that throws, and an object that cannot be written, are problems too', () => {
  const hostile = {
    get message(): string {
      throw new Error('ha')
    },
    toJSON() {
      throw new Error('ha')
    },
  }
  expect(problemOf(hostile)).toEqual({ code: 'repository/threw', message: 'a promise was rejected without a reason' })
})

test.each<[unknown, string]>([
  ['mine/locked', 'mine/locked'],
  ['ECONNREFUSED', 'repository/threw'],
  ['Mine/Locked', 'repository/threw'],
  ['a/b/c', 'repository/threw'],
  ['mine/', 'repository/threw'],
  [`x/${'y'.repeat(1000)}`, 'repository/threw'],
  [17, 'repository/threw'],
])('a code has the form area/name: %s', (code, expected) => {
  expect(problemOf(Object.assign(new Error('no'), { code })).code).toBe(expected)
})

test.each([
  'Request cannot be constructed from a URL that includes credentials: https://user:hunter2@a.example/x',
  'refused https://hunter2@a.example',
  'bad header: Authorization: Bearer hunter2',
  'bad header: authorization: basic aHVudGVyMjp4hunter2',
  'GET https://a.example/x?private_token=hunter2&page=1 failed',
  `Unexpected token 'h', "hunter2" is not valid JSON`,
])('no message and no cause repeats a credential: %s', (text) => {
  expect(JSON.stringify([problemOf(new Error(text)), problemOf(new Error('no', { cause: new Error(text) }))])).not.toContain('hunter2')
})

test('causes are bounded, and a receipt with them can be read', () => {
  const problem = problemOf(new Error('top', { cause: new Error(`x${'é'.repeat(5000)}`, { cause: long() }) }))
  expect(problem.causes).toHaveLength(5)
  expect(Math.max(...(problem.causes ?? []).map(({ length }) => length))).toBeLessThan(400)
  const item = itemOf(sampleBytes(1), acmeAt)
  const at = '2026-01-31T12:00:00.000Z'
  const outcome = {
    target: 'a',
    destination: { repository: 'stable', advisory: false },
    coordinates: acmeAt,
    expected: item.content,
    verdict: 'undetermined',
    problem,
    bytesSent: 0,
    startedAt: at,
    finishedAt: at,
    milliseconds: { waiting: 0, looking: 0, sending: 0, confirming: 0 },
  }
  const receipt = { ...receiptOf(manifestOf([item]), originOf(planOf()), []), outcomes: [outcome] }
  expect(parseReceipt(JSON.stringify(receipt), 'receipt').outcomes[0]?.problem).toEqual(problem)
  const many = { ...receipt, outcomes: [{ ...outcome, problem: { ...problem, causes: Array.from({ length: 11 }, () => 'x') } }] }
  expect(() => parseReceipt(JSON.stringify(many), 'receipt')).toThrow('causes')
})

describe('a time that is over says what was last seen', () => {
  const over = new StagegateError({ code: 'call/timeout', what: 'it did not finish within 5 s', next: 'Go on.' })

  test('with its causes, on the first line', () => {
    expect(withLast(problemOf(over), problemOf(failed(refused())))).toEqual({
      code: 'call/timeout',
      message: 'it did not finish within 5 s; last: fetch failed\nGo on.',
      causes: ['connect ECONNREFUSED 127.0.0.1:9'],
    })
  })

  test('and nothing else is made longer', () => {
    expect(withLast(problemOf(over), undefined)).toEqual(problemOf(over))
    expect(withLast(problemOf(over), problemOf(over))).toEqual(problemOf(over))
    const other = problemOf(new Error('no'))
    expect(withLast(other, problemOf(refused()))).toEqual(other)
  })
})
