import fc from 'fast-check'
import { expect, test } from 'vitest'
import { notesIn, notesOfTag } from './notes.js'

const changelog = `# Changelog

What changed, for people: 1.0 is the first.

## [Unreleased]

Nothing yet.

## [1.2.3] - 2026-11-28

### Added

- A door.

\`\`\`
## 1.2.2 is quoted here
\`\`\`

## v1.2.2 (2026-11-01)

- A window.
## 1.2.2-rc1
## 1.2.1:
`

test.each([
  ['1.2.3', '### Added\n\n- A door.\n\n```\n## 1.2.2 is quoted here\n```'],
  ['1.2.2', '- A window.'],
])('a changelog has the notes of %s in its section', (version, text) => {
  expect(notesIn('CHANGELOG.md', changelog, version)).toEqual({ text })
  expect(notesIn('CHANGELOG.md', changelog.replaceAll('\n', '\r\n'), version)).toEqual({ text })
})

test.each([
  ['1.2.4', changelog, 'CHANGELOG.md has no section for 1.2.4'],
  ['1.2', changelog, 'CHANGELOG.md has no section for 1.2'],
  ['1.2.2-rc1', changelog, 'the section for 1.2.2-rc1 in CHANGELOG.md is empty'],
  ['1.2.1', changelog, 'the section for 1.2.1 in CHANGELOG.md is empty'],
  ['1.2.3', ' \n\n', 'CHANGELOG.md is empty'],
])('there are no notes of %s, and that is said', (version, file, because) => {
  expect(notesIn('CHANGELOG.md', file, version)).toEqual({ text: '', because })
})

test.each(['Thanks to all.\n\n# Highlights\n\n- A door.', '# Highlights of 2026\n\n- 1.2.4 comes soon.'])(
  'a file whose headings name no version is the notes',
  (file) => {
    expect(notesIn('notes.md', `\uFEFF${file}\n`, '1.2.3')).toEqual({ text: file })
  },
)

test('whatever the file has, the notes are a part of it', () => {
  const line = fc.constantFrom('## 1.2.3', '# v1.2.3 - now', '### 2.0', '```', '~~~', 'text', '', '####### no', '## [1.2.4]')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const { text, because } = notesIn('notes.md', lines.join('\n'), '1.2.3')
      expect(lines.join('\n')).toContain(text)
      expect(text === '').toBe(because !== undefined)
    }),
  )
})

test.each([
  ['Thanks to all.\n', { text: 'Thanks to all.' }],
  ['A door.\n\n- wide\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n', { text: 'A door.\n\n- wide' }],
  ['-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----', { text: '', because: 'the tag has no message' }],
  ['', { text: '', because: 'the tag has no message' }],
])('the message %j of a tag is its notes, without the signature', (message, notes) => {
  expect(notesOfTag(message)).toEqual(notes)
})
