import { describe, expect, test } from 'vitest'
import { quote, redactor } from './quote.js'

const secret = 'pc-tok/en+with "odd" %characters'

describe('redactor', () => {
  const redact = redactor([secret])

  test.each([
    ['as it is', secret],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
    ['in a Basic header, as the user', Buffer.from(`${secret}:`).toString('base64')],
    ['in a Basic header, as the password', Buffer.from(`me:${secret}`).toString('base64')],
    ['in base64 one byte further', Buffer.from(`x${secret}x`).toString('base64')],
    ['URL-encoded', encodeURIComponent(secret)],
    ['URL-encoded in lower case', encodeURIComponent(secret).replaceAll(/%../g, (triplet) => triplet.toLowerCase())],
    ['as a form value', new URLSearchParams({ t: secret }).toString().slice(2)],
    ['in JSON', JSON.stringify(secret)],
  ])('hides a secret %s', (_, text) => {
    const seen = redact(`before ${text} after`)
    expect(seen).toContain('[redacted]')
    expect(seen).toMatch(/^before .*after$/)
    expect(seen.replace('[redacted]', '').length).toBeLessThan('before  after'.length + 14)
  })

  test('leaves other texts alone, and an empty secret hides nothing', () => {
    expect(redact('a plain sentence')).toBe('a plain sentence')
    expect(redactor([''])('abc')).toBe('abc')
  })

  test('hides the longer of two secrets whole when one begins with the other', () => {
    expect(redactor(['token', 'token-two'])('token-two token')).toBe('[redacted] [redacted]')
  })
})

describe('quote', () => {
  const redact = redactor(['s3cret-value'])

  test('makes one line, without control characters and without the markers that fold a job log', () => {
    const text = quote('\u001b[31mbad\u001b[0m\r\nsection_start:1:x\nsection_end:1:x \u202eabc', redact)
    expect(text).toBe('[31mbad [0m section_start 1:x section_end 1:x abc')
  })

  test('cuts only after it has redacted, so that no half of a secret is left', () => {
    expect(quote(`${'x'.repeat(295)}s3cret-value`, redact)).not.toContain('s3cr')
    expect(quote(`${' '.repeat(64 * 1024 - 6)}s3cret-value`, redact)).not.toContain('s3c')
    expect(quote('x'.repeat(1000), redact)).toHaveLength(301)
  })
})
