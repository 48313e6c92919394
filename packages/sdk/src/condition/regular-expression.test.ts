import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { parse } from './parse.js'
import { gitlabText, regularExpression, versionOf } from './regular-expression.js'

// For what a linter, the compiler or an older Node would not leave as a literal.
const written = (source: string, flags?: string): RegExp => new RegExp(source, flags)

describe('gitlabText', () => {
  it.each<[RegExp, string]>([
    [/^v(?<version>\d+\.\d+\.\d+)$/, '/^v\\d+\\.\\d+\\.\\d+$/'],
    [/^v(?<version>\d+|next)$/, '/^v(?:\\d+|next)$/'],
    [/^(?<version>\d+)?$/, '/^(?:\\d+)?$/'],
    [/^(?<version>\d+){2,}$/, '/^(?:\\d+){2,}$/'],
    [/^(?<version>(?:a|b)\d+)$/, '/^(?:a|b)\\d+$/'],
    [/^(?<version>(?<major>\d+)\.\d+)-(ee|ce)$/, '/^\\d+\\.\\d+-(ee|ce)$/'],
    [/a(?<n>x)\{(?<m>2)\}/, '/ax\\{2\\}/'],
    [written('a{(?<m>2)}'), '/a\\{2}/'],
    [/release\/v\d/, '/release\\/v\\d/'],
    [/[/]v/, '/[\\/]v/'],
    [/./, '/.+/'],
    [/^/, '/(?:^)/'],
    [/-\\/, '/(?:-\\\\)/'],
    [/^V\d/i, '/^V\\d/i'],
    [/^a.b$/gims, '/^a.b$/ims'],
    [/caf\u00e9/, '/caf\\xe9/'],
    [/\ud83d\ude00!/, '/\\x{1f600}!/'],
    [/\u{1f600}!/u, '/\\x{1f600}!/'],
    [/\cA[\b]\0/, '/\\x01[\\x08]\\x00/'],
    [written('a[^]b[[:alpha:]]'), '/a[\\x00-\\x{10FFFF}]b[\\[:alpha:]]/'],
    [/\p{L}+/u, '/\\p{L}+/'],
    [written('\\a\\z\\-\\_'), '/az\\-_/'],
  ])('writes %s as %s', (re, expected) => {
    expect(gitlabText(re)).toBe(expected)
    expect(regularExpression(re).problems).toEqual([])
    expect(parse(`$A =~ ${expected}`).ok).toBe(true)
  })
})

describe('regularExpression', () => {
  it.each<[RegExp, string, number]>([
    [/^v(?!.*rc)/, 'regex/lookaround', 2],
    [/a(?=b)/, 'regex/lookaround', 1],
    [/(?<=a)b/, 'regex/lookaround', 0],
    [/(?<!a)b/, 'regex/lookaround', 0],
    [/(a)\1/, 'regex/backreference', 3],
    [/(?<n>a)\k<n>/, 'regex/backreference', 7],
    [/^a/y, 'regex/flag', 0],
    [written('a\\07'), 'regex/escape', 1],
    [/\ud83d!/, 'regex/escape', 0],
    [/a{1001}/, 'regex/not-re2', 1],
    [/\p{Script=Greek}/u, 'regex/not-re2', 0],
    [written('[[a-z]--[aeiou]]', 'v'), 'regex/set-notation', 1],
  ])('refuses %s as %s', (re, code, at) => {
    expect(regularExpression(re).problems[0]).toEqual({ code, at, in: re.source, message: expect.any(String) })
  })

  it('never throws, and what it calls sound compiles and matches as JavaScript does', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '.',
      '\\d',
      '\\.',
      '[ab]',
      '[^a]',
      '-',
      '(?<version>a|b)',
      '(a)',
      '(?:ab)',
      '|',
      '*',
      '+',
      '?',
      '{2}',
      '^',
      '$',
      '\\b',
      '\\/',
      '\\1',
      '(?=a)',
      '{',
    )
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 7 }),
        fc.constantFrom('', 'i', 'm', 's', 'ims'),
        fc.stringMatching(/^[abAB1.\-/{]{0,8}$/),
        (parts, flags, input) => {
          let re: RegExp
          try {
            re = new RegExp(parts.join(''), flags)
          } catch {
            return fc.pre(false)
          }
          const { pattern, versionPattern, problems } = regularExpression(re)
          if (problems.length > 0) return
          expect(parse(`$A =~ ${gitlabText(re)}`)).toMatchObject({ ok: true, expression: { right: pattern } })
          expect(RE2JS.compile(flags === '' ? pattern.source : `(?${flags})${pattern.source}`).test(input)).toBe(re.test(input))
          if (versionPattern !== undefined) {
            const ours = RE2JS.compile(versionPattern).exec(input)
            const theirs = re.exec(input)
            expect(ours === null).toBe(theirs === null)
            expect(RE2JS.compile(versionPattern).groupCount()).toBe(1)
          }
        },
      ),
      { numRuns: 5000 },
    )
  })
})

describe('versionOf', () => {
  it.each<[RegExp, string, string | undefined]>([
    [/^v(?<version>\d+\.\d+\.\d+)$/, 'v1.2.3', '1.2.3'],
    [/^v(?<version>\d+\.\d+\.\d+)$/, 'v1.2', undefined],
    [/^(release|hotfix)-(?<version>(?<major>\d+)(\.\d+)*)(-rc)?$/, 'hotfix-1.2.3-rc', '1.2.3'],
    [/^V(?<version>\d+)/i, 'v7', '7'],
    [/^(?<version>\d*)-/, '-x', undefined],
  ])('reads with %s from %s: %s', (re, tag, expected) => {
    const { versionPattern } = regularExpression(re)
    expect(versionPattern === undefined ? 'no pattern' : versionOf(versionPattern, tag)).toBe(expected)
  })

  it('has no pattern without the group', () => {
    expect(regularExpression(/^v(\d+)/).versionPattern).toBeUndefined()
  })
})
