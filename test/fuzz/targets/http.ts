import { StagegateError, UsageError } from '@stagegate/schema'
import { quote, redactor } from '../../../packages/uploader/src/contract/quote.js'
import { parseChallenges } from '../../../packages/uploader/src/http/challenge.js'
import { parseOrigin, resolvePath } from '../../../packages/uploader/src/http/origin.js'
import { nextPage } from '../../../packages/uploader/src/repository/next-page.js'
import { bytesOf, mustHold, type Target } from '../target.js'

const secret = 's3cr+t/"token" %x'
const redact = redactor([secret])
const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), JSON.stringify(secret).slice(1, -1)]
const origin = new URL('https://packages.example')

/** Node takes no more of all headers together. */
const headers = 16 * 1024

export const http: readonly Target[] = [
  {
    name: 'quote',
    seeds: bytesOf(
      ...forms.map((form) => `before ${form} after`),
      'section_start:1:x\r\n\x1b[31m',
      'section_end:9:y',
      '\u202e\ud83d\ude00',
    ),
    dictionary: [...forms, 'section_start:', 'section_', 'end:', '\x1b', '\r', '\n', '\xe2\x80\xae', '\xf0\x9f\x98\x80', ' ', '[redacted]'],
    read: (input) => {
      const around = input.toString('utf8')
      let kinds = ''
      for (const form of forms) {
        const text = quote(`${around}${form}${around}`, redact)
        mustHold(text.length <= 301, `at most 301 characters, got ${text.length}`)
        mustHold(!/[\p{Cc}\p{Cf}\u2028\u2029]|section_(?:start|end):/u.test(text), 'one line without markers')
        mustHold(around.includes(form.slice(0, 6)) || !text.includes(form.slice(0, 6)), 'no part of a secret')
        kinds += text.includes('[redacted]') ? 'redacted ' : 'plain '
      }
      return kinds
    },
    refuses: () => false,
  },
  {
    name: 'challenge',
    seeds: bytesOf('Bearer realm="https://auth.example/token",service="registry.example",scope="a\\"b"', 'Basic realm=x, Bearer realm=y'),
    largest: headers,
    dictionary: ['Bearer ', 'Basic ', 'realm=', '"', '\\', ',', '=', ' ', '\t', '\\"'],
    read: (input) => {
      const found = parseChallenges(input.toString('latin1'))
      for (const { scheme } of found) mustHold(/^[!-~]+$/.test(scheme), `a scheme, got ${scheme}`)
      return `${Math.min(9, found.length)} ${Math.min(9, found[0]?.parameters.size ?? 0)}`
    },
    refuses: () => false,
  },
  {
    name: 'link',
    seeds: bytesOf('<https://packages.example/list?page=2>; rel="next"', '</list?page=3>; rel="prev", <?page=4>; rel=next'),
    largest: headers,
    dictionary: ['<', '>', ';', 'rel=', '"next"', 'next', ',', '?', '/list', '//elsewhere.example', 'http://', '..', '\\', '\t', '#'],
    read: (input) => {
      const next = nextPage(input.toString('latin1'), origin.origin, '/list?page=1')
      if (next === undefined) return 'none'
      const url = new URL(next, origin)
      mustHold(url.origin === origin.origin && url.pathname === '/list' && url.search !== '?page=1', `the next page, got ${next}`)
      return 'next'
    },
    refuses: (error) => error instanceof StagegateError,
  },
  {
    name: 'address',
    seeds: bytesOf('https://packages.example:8443', 'http://127.0.0.1:80/', '/path/x?y=z', '//elsewhere.example/'),
    dictionary: ['https://', 'http://', '@', ':', '/', '\\', '?', '#', '[::1]', 'localhost', '..', '%2e', '\t', '\xff', '.example'],
    read: (input) => {
      const text = input.toString('utf8')
      if (text.startsWith('/')) {
        const url = resolvePath(origin, text)
        mustHold(url.origin === origin.origin && url.username === '', `this origin, got ${url.href}`)
        return 'path'
      }
      const url = parseOrigin(text, false)
      mustHold(url.pathname + url.search + url.username + url.password + url.hash === '/', `an origin and nothing else, got ${url.href}`)
      mustHold(url.protocol === 'https:' || /^(?:localhost|\[::1\]|127\.)/.test(url.hostname), `https, got ${url.href}`)
      return 'origin'
    },
    refuses: (error) => error instanceof UsageError,
  },
]
