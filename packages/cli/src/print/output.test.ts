import fc from 'fast-check'
import { expect, test } from 'vitest'
import { documentOf, oneLine, plain } from './output.js'

test('text from outside drives no terminal, opens no section and does not turn its direction', () => {
  expect(plain('\u001b[31mred\u001b[0m \u009b2J bell\u0007')).toBe('�[31mred�[0m �2J bell�')
  expect(plain('section_start:1:x[collapsed=true]\r\u001b[0K section_end:1:x\r\u001b[0K')).toBe(
    'section-start:1:x[collapsed=true]��[0K section-end:1:x��[0K',
  )
  // What shows `cod.exe` for `exe.doc`, and marks that change the direction of what follows.
  for (const mark of '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2028\u2029')
    expect(plain(mark)).toBe('�')
  expect(plain('größer\tals\n5 €')).toBe('größer\tals\n5 €')
  expect(oneLine('published\nfor\tall')).toBe('published�for�all')
})

test('a document is JSON that no terminal obeys, and that reads back as it was', () => {
  const text = documentOf({ message: '\u001b[2J \u009b \u202e \u{e0041} €' })
  expect(text).toBe('{\n  "message": "\\u001b[2J \\u009b \\u202e \\udb40\\udc41 €"\n}')
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const written = documentOf(value)
      expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(written.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }),
  )
})
