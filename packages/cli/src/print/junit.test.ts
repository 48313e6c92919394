import { type Finding, later } from '@stagegate/schema'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { junitOfFindings, junitOfOutcomes } from './junit.js'
import { oneLine, plain } from './output.js'
import { mirror, other, outcomeOf, packageFor, sealed, stable, start } from './testing/outcomes.js'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** As somebody else's parser, which takes nothing that is not well-formed, reads it. */
function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const path = [root]
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [], text: '' }
    path.at(-1)?.children.push(element)
    path.push(element)
  })
  parser.on('text', (text) => {
    const element = path.at(-1)
    if (element !== undefined) element.text += text
  })
  parser.on('closetag', () => path.pop())
  parser.write(xml).close()
  const [only, ...others] = root.children
  if (only === undefined || others.length > 0) throw new Error('Expected one element')
  return only
}

const advisory = { repository: 'mirror', advisory: true }
const because = (message: string) => ({ code: 'test', message })

test('each artifact and destination is a case, in its target’s suite', () => {
  const xml = parse(
    junitOfOutcomes([outcomeOf(), outcomeOf({ destination: mirror }), outcomeOf({ target: 'el/9', coordinates: packageFor('el/9') })]),
  )
  expect(xml.name).toBe('testsuites')
  expect(xml.attributes).toEqual({ name: 'stagegate publish', tests: '3', failures: '0', errors: '0', skipped: '0', time: '30.000' })
  expect(xml.children.map(({ name, attributes }) => [name, attributes['name'], attributes['tests'], attributes['time']])).toEqual([
    ['testsuite', 'ubuntu/jammy', '2', '20.000'],
    ['testsuite', 'el/9', '1', '10.000'],
  ])
  expect(xml.children[0]?.children.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['testcase', { classname: 'stable', name: 'acme_1.2.3_amd64.deb for ubuntu/jammy', time: '10.000' }],
    ['testcase', { classname: 'mirror', name: 'acme_1.2.3_amd64.deb for ubuntu/jammy', time: '10.000' }],
  ])
})

describe('a verdict is', () => {
  const none = { bytesSent: outcomeOf({}).bytesSent, problem: because('why & what') }
  test.each([
    ['published', stable, undefined],
    ['already-public', stable, undefined],
    ['conflict', stable, 'failure'],
    ['tampered', stable, 'failure'],
    ['missing', stable, 'failure'],
    ['failed', stable, 'failure'],
    ['undetermined', stable, 'error'],
    ['published', advisory, undefined],
    ['conflict', advisory, 'skipped'],
    ['undetermined', advisory, 'skipped'],
  ] as const)('%s at %o: %s', (verdict, destination, expected) => {
    const xml = parse(junitOfOutcomes([outcomeOf({ ...none, verdict, destination, seen: other })]))
    const [result, ...others] = xml.children[0]?.children[0]?.children ?? []
    expect(others).toEqual([])
    expect(result?.name).toBe(expected)
    for (const [count, name] of [
      ['failures', 'failure'],
      ['errors', 'error'],
      ['skipped', 'skipped'],
    ] as const) {
      expect(xml.attributes[count]).toBe(expected === name ? '1' : '0')
    }
    if (expected === undefined) return
    expect(result?.attributes['message']).toBe(destination.advisory ? `advisory: ${verdict}` : verdict)
    expect(result?.text).toContain('why & what')
    // The evidence, where the digests are what matters.
    for (const digest of [sealed.sha256, other]) expect(result?.text.includes(digest)).toBe(verdict === 'conflict')
  })
})

test('findings of verify are reported the same way', () => {
  const finding = (found: Finding['found'], more: Partial<Finding> = {}): Finding => ({
    target: 'ubuntu/jammy',
    destination: stable,
    coordinates: packageFor('ubuntu/jammy'),
    found,
    checkedAt: later(start, 2.5),
    ...more,
  })
  const xml = parse(
    junitOfFindings(
      [
        finding('sealed-bytes', { seen: sealed.sha256 }),
        finding('other-bytes', { seen: other }),
        finding('index-broken', { problem: because('not signed') }),
        finding('not-there-yet'),
        finding('unknown', { destination: advisory, problem: because('no answer') }),
      ],
      Date.parse(start),
    ),
  )
  expect(xml.attributes).toEqual({ name: 'stagegate verify', tests: '5', failures: '2', errors: '1', skipped: '1', time: '12.500' })
  expect(xml.children[0]?.children.map(({ children: [result] }) => result && [result.name, result.text])).toEqual([
    undefined,
    ['failure', `other-bytes\npublic  sha256 ${other}`],
    ['failure', 'index-broken\nnot signed'],
    ['error', 'not-there-yet'],
    ['skipped', 'unknown\nno answer'],
  ])
})

test('nothing at all is a document too', () => {
  expect(parse(junitOfOutcomes([])).attributes['tests']).toBe('0')
})

test('whatever text comes from outside, it is well-formed XML, and says what a log would say', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(...'<>&"\']]>\n\t\r\u0000\u0085\u2028\ud800\udc00\ufffe\uffff', '[[ATTACHMENT|x]]', '\ud83d\ude00'),
    }),
  )
  const readable = (from: string) =>
    plain(from)
      .replace(/[\ud800-\udfff\ufffe\uffff]/gu, '�')
      .replaceAll('[[', '[ [')
  fc.assert(
    fc.property(text, text, (repository, message) => {
      const destination = { repository, advisory: false }
      const xml = parse(junitOfOutcomes([outcomeOf({ verdict: 'failed', destination, problem: because(message) })]))
      const [one] = xml.children[0]?.children ?? []
      expect(one?.attributes['classname']).toBe(readable(repository))
      expect(one?.children[0]?.text.split('\n').slice(-message.split('\n').length).join('\n')).toBe(readable(message))
      expect(one?.children[0]?.text).not.toContain('[[ATTACHMENT|')
      expect(oneLine(one?.children[0]?.text ?? '')).not.toMatch(/\p{Cc}/u)
    }),
  )
})
