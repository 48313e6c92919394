import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextPage } from './next-page.js'

const origin = 'https://registry.example'
const here = '/v2/hello/tags/list?n=2'
const next = '/v2/hello/tags/list?last=b'

describe('what is understood', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    [' , ,', undefined],
    ['</v2/hello/tags/list?last=b&n=2>; rel="next"', '/v2/hello/tags/list?last=b&n=2'],
    ['<https://registry.example/v2/hello/tags/list?last=b>; rel=next', next],
    ['<?last=b>; title="x"; rel="prev next"', next],
    ['<?last=b>;REL=Next', next],
    ['<?last=b> ; rel = "next" ;', next],
    ['<?last=a>; rel="prev", <?last=b>; rel="next"', next],
    [',<?last=b>; rel="next",, ', next],
    ['<?last=b>; rel="next", <?last=b>; rel="next last"', next],
    [`<?last=b>; title*=UTF-8''a%20b; hreflang=de; rel="next"`, next],
    ['<?last=b>; title="a \\" b, <c>; rel=last"; rel="next"', next],
    ['<?last=b>; rel="next"; rel="prev"', next],
    ['<?last=b>; rel="https://relations.example/x next"', next],
    ['<?last=b>; rel="next"; anchor="/v2/hello/tags/list?n=2"', next],
    ['<?last=b>; rel="next"; nopush', next],
    ['<?last=a,b>; rel="next"', '/v2/hello/tags/list?last=a,b'],
    ['<?last=b c>; rel="next"', '/v2/hello/tags/list?last=b%20c'],
    ['</v2/hello/tags/list?last=b>; rel="last"', undefined],
    ['</v2/hello/tags/list?last=b>; rel="nextish"', undefined],
    ['</v2/hello/tags/list?last=b>; rel="prev"; rel="next"', undefined],
    ['</style.css>; rel=preload; as=style', undefined],
  ])('after %j comes %j', (link, page) => {
    expect(nextPage(link, origin, here)).toBe(page)
  })
})

describe('statement 3: not the last page is', () => {
  test.each([
    '/v2/hello/tags/list?last=b; rel="next"',
    '</v2/hello/tags/list?last=b; rel="next"',
    '/v2/hello/tags/list?last=b>; rel="next"',
    '"/v2/hello/tags/list?last=b"; rel="next"',
    '</v2/hello/tags/list?last=b>',
    '</v2/hello/tags/list?last=b>; next',
    '</v2/hello/tags/list?last=b>; rel',
    '</v2/hello/tags/list?last=b>; rel=',
    '</v2/hello/tags/list?last=b>; rel=""',
    "</v2/hello/tags/list?last=b>; rel='next'",
    '</v2/hello/tags/list?last=b>; rel="next',
    '</v2/hello/tags/list?last=b>; rel=next"',
    '</v2/hello/tags/list?last=b>; rel="next" x',
    '</v2/hello/tags/list?last=b> rel="next"',
    '</v2/hello/tags/list?last=b>, rel="next"',
    '</v2/hello/tags/list?last=b>; rel: next',
    '<</v2/hello/tags/list?last=b>>; rel="next"',
    '</v2/hello/tags/list?last=b>; rel="ne\u0001xt"',
    '</v2/hello/tags/list?last=a>; rel="prev" </v2/hello/tags/list?last=b>; rel="next"',
    '{"next": "/v2/hello/tags/list?last=b"}',
    'next',
  ])('%j, of which not every part is understood', (link) => {
    expect(() => nextPage(link, origin, here)).toThrow('cannot tell whether')
  })

  test('one that names two', () => {
    expect(() => nextPage('<?last=b>; rel="next", <?last=c>; rel="next"', origin, here)).toThrow('2 next pages')
  })
})

test.each([
  'https://evil.example/v2/hello/tags/list?last=b',
  'http://registry.example/v2/hello/tags/list?last=b',
  '//evil.example/v2/hello/tags/list?last=b',
  '/v2/other/tags/list?last=b',
  '/v2/hello/tags/../../other/tags/list?last=b',
  here,
  '/v2/hello/tags/list',
  '?',
  'https://',
])('statement 7: the next page %j is not asked for', (target) => {
  expect(() => nextPage(`<${target}>; rel="next"`, origin, here)).toThrow('another address')
})

test('the next page of something else is not ours', () => {
  expect(() => nextPage('<?last=b>; rel="next"; anchor="/v2/other/tags/list"', origin, here)).toThrow('another address')
})

describe('any header', () => {
  const space = fc.constantFrom('', ' ', '\t', '  ')
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/)
  const text = fc.stringMatching(/^[ !#-[\]-~]{0,12}$/)
  /** A value in one of its spellings. */
  const written = (value: string) =>
    fc.constantFrom(...(/^[a-z0-9-]+$/.test(value) ? [value] : []), `"${value}"`, `"${[...value].map((one) => `\\${one}`).join('')}"`)
  const parameter = (name: string, value: fc.Arbitrary<string>) =>
    fc.tuple(space, space, space, space, value.chain(written)).map(([a, b, c, d, spelled]) => `${a};${b}${name}${c}=${d}${spelled}`)
  const others = fc.array(
    word.filter((name) => !['rel', 'anchor'].includes(name)).chain((name) => parameter(name, text)),
    { maxLength: 2 },
  )
  const linkTo = (target: string, relation: fc.Arbitrary<string>) =>
    fc
      .tuple(
        others,
        fc.constantFrom('rel', 'Rel', 'REL').chain((name) => parameter(name, relation)),
        others,
      )
      .map(([before, rel, after]) => `<${target}>${before.join('')}${rel}${after.join('')}`)
  const another = fc
    .tuple(
      word,
      word.filter((one) => one !== 'next'),
    )
    .chain(([page, rel]) => linkTo(`?page=${page}`, fc.constant(rel)))
  const ours = linkTo('?last=b', fc.constantFrom('next', 'Next', 'next last', 'prev next'))
  const comma = fc.tuple(space, fc.constantFrom(',', ',,', ', ,'), space).map((parts) => parts.join(''))
  /** Links, of which one leads to the next page. */
  const header = fc
    .tuple(fc.array(another, { maxLength: 2 }), ours, fc.array(another, { maxLength: 2 }), comma)
    .map(([before, one, after, between]) => [...before, one, ...after].join(between))

  test('that RFC 8288 allows, however it is spelled, leads to the next page', () => {
    fc.assert(
      fc.property(header, (link) => {
        expect(nextPage(link, origin, here)).toBe(next)
      }),
      { numRuns: 500 },
    )
  })

  /** The grammar once more, as one expression over the whole. */
  const tchar = "[!#$%&'*+.^_`|~0-9A-Za-z-]"
  const string = '"(?:[^"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]|\\\\[^\\x00-\\x08\\x0a-\\x1f\\x7f])*"'
  const value = `<[^<>]*>(?:[\\t ]*;[\\t ]*(?:${tchar}+[\\t ]*(?:=[\\t ]*(?:${tchar}+|${string}))?)?)*`
  const whole = new RegExp(`^[\\t ,]*(?:${value}(?:[\\t ]*,[\\t ,]*${value})*)?[\\t ,]*$`)

  test('statement 3: spoiled anywhere, is the last page only where it is a whole header still', () => {
    const spoiled = fc
      .tuple(header, fc.nat(), fc.constantFrom('', '<', '>', '"', ',', ';', '=', ' ', '\\', 'x', "'"), fc.boolean())
      .map(([link, at, put, replace]) => {
        const index = at % link.length
        return link.slice(0, index) + put + link.slice(index + (replace ? 1 : 0))
      })
    fc.assert(
      fc.property(spoiled, (link) => {
        try {
          if (nextPage(link, origin, here) === undefined) expect(link).toMatch(whole)
        } catch (error) {
          expect(error).toMatchObject({ code: 'repository/unexpected-answer' })
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('of any length is read at once', () => {
    for (const part of ['<', '<a>', '<a>;', ', ', '"', '; rel="', '<a>; rel=next;x=', '\\', ' ', '<a>; x="\\'])
      expect(() => nextPage(part.repeat(16_384 / part.length), origin, here), part).not.toThrow(RangeError)
  })
})
