import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readMany } from './plain.js'
import { type Attributes, type Child, type Reading, readChildren } from './xml.js'

const fields: ReadonlySet<string> = new Set(['name', 'location'])

interface Read {
  readonly attributes: Attributes
  readonly children: readonly Child[]
}

/** What a reader makes of a document; `undefined` where it refuses it. */
function by(read: (reading: Reading) => Attributes): Read | undefined {
  const children: Child[] = []
  try {
    return { attributes: { ...read({ root: 'r', fields, onChild: (child) => children.push(child) }) }, children }
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}

const both = (document: Uint8Array) => ({
  parser: by((reading) => readChildren(document, reading)),
  fast: by((reading) => readMany(document, reading, 'p')),
})

const xml = (text: string) => Buffer.from(text)

describe('both readers of a document', () => {
  const whole = fc.constantFrom(
    ...['<n>', '</n>', '<n/>', '<name>', '</name>', '<name/>', '<location href="a"/>', '<p>', '</p>', '<p a="1">', '<p/>', '</p >', '<px>'],
    ...[
      'text',
      ' ',
      '\n',
      '\r',
      '\t',
      '&amp;',
      '&lt;',
      '&#9;',
      '&#13;',
      '&#233;',
      '&#0;',
      '&x;',
      '&',
      'é',
      '中',
      '>',
      ']]>',
      '"',
      "'",
      '\u0001',
      '\u0085',
    ],
    ...[
      '<n a="1" b="2">',
      '<n a="1" a="2"/>',
      '<n a="&lt;"/>',
      '<n a="<"/>',
      '<n a=">"/>',
      "<n a='1'/>",
      '<n a="1"b="2"/>',
      '<n a=1/>',
      '<n  a = "1" >',
    ],
    ...[
      '<name a="é&amp;">',
      '<x:n/>',
      '<x:y:n/>',
      '<:n/>',
      '<é/>',
      '<_n/>',
      '<n _a="1"/>',
      '<n __proto__="1"/>',
      '<1/>',
      '< n>',
      '</ n>',
      '</n a="1">',
    ],
    ...[
      '<!-- -->',
      '<!--<p>-->',
      '<![CDATA[<p>]]>',
      '<?x?>',
      '<!DOCTYPE r>',
      '<r>',
      '</r>',
      '\ufffe',
      '\ufeff',
      '<n a="\t\n"/>',
      '<name\na="1">',
    ],
  )
  const packageOf = fc.array(whole, { maxLength: 6 }).map((parts) => `<p>${parts.join('')}</p>`)
  const sound = fc.constantFrom('<p a="1"><name>x</name></p>', '<p><n><name>y</name></n><location href="b c"/></p>', '<p>\n  <name/>\n</p>')
  const start = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('<r>', '<?xml version="1.0" encoding="UTF-8"?>\n<r b="2">') },
    fc.constantFrom(
      ...[
        '',
        '<q>',
        '<r',
        '<r/>',
        '<?xml version="1.1"?><r>',
        '<?xml version="1.0" encoding="latin1"?><r>',
        '<r a="1" a="2">',
        '<r a="&lt;">',
        '<r é="1">',
        'x<r>',
        ' <r>',
        '<!DOCTYPE r []><r>',
      ],
    ),
  )
  const end = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('</r>', '\n</r >\n') },
    fc.constantFrom('', '</r>x', '</r><r/>', '</q>', '</r><!-- -->', '</r'),
  )
  const document = fc
    .tuple(start, fc.array(fc.oneof({ weight: 3, arbitrary: packageOf }, { weight: 3, arbitrary: sound }, whole), { maxLength: 4 }), end)
    .map(([start, middle, end]) => xml(`${start}${middle.join('')}${end}`))

  test('read the same, or both refuse it', () => {
    const seen = { read: 0, refused: 0 }
    fc.assert(
      fc.property(document, (document) => {
        const { parser, fast } = both(document)
        expect(fast).toEqual(parser)
        seen[parser === undefined ? 'refused' : 'read']++
      }),
      { numRuns: 10_000 },
    )
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(500)
  }, 60_000)

  test.each([
    ['a child in which a byte is changed', '<r><p a="1"><name>x</name><n b="2" c="3">&amp;é</n></p></r>'],
    ['one that is empty', '<r></r>'],
  ])('agree about %s to any other', (_what, text) => {
    for (let at = 0; at < xml(text).length; at++) {
      for (const byte of [0x00, 0x09, 0x20, 0x22, 0x26, 0x27, 0x2f, 0x3c, 0x3e, 0x61, 0x80, 0xc3, 0xff]) {
        const document = xml(text)
        document[at] = byte
        const { parser, fast } = both(document)
        expect(fast, document.toString('latin1')).toEqual(parser)
      }
    }
  })
})

describe('a document', () => {
  const read = (document: Uint8Array | string) => both(typeof document === 'string' ? xml(document) : document).parser

  test('is cut at its children, byte for byte, wherever a part of it ends', () => {
    for (const gap of ['\r\n', '\r', '\n', '<!-- <p> -->', 'é'.repeat(0)]) {
      for (let shift = 0; shift < 4; shift++) {
        const padding = ' '.repeat(64 * 1024 - 20 + shift)
        const [one, other] = ['<p a="é">\r\n<name>x</name>\r</p>', '<p\r\n>&#13;中</p>']
        const { parser, fast } = both(xml(`<r>${padding}${one}${gap}${other}${gap}</r>`))
        expect(parser?.children.map(({ bytes }) => bytes.toString())).toEqual([one, other])
        expect(fast).toEqual(parser)
      }
    }
  })

  test('says text beyond ASCII and references as they are', () => {
    const [child] = read('<r><p a="é&amp;"><name>&#xe9;é中&lt;</name><name><![CDATA[<]]></name></p></r>')?.children ?? []
    expect(child?.attributes['a']).toBe('é&')
    expect(child?.fields.map(({ text }) => text)).toEqual(['éé中<', '<'])
  })

  test.each([
    ['that is not UTF-8', Buffer.from('<r><p>\xe9</p></r>', 'latin1')],
    ['in another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><r/>'],
    ['of XML 1.1', '<?xml version="1.1"?><r><p>&#1;</p></r>'],
    ['with a document type', '<!DOCTYPE r><r/>'],
    ['with an entity', '<!DOCTYPE r [<!ENTITY a "a">]><r><p>&a;</p></r>'],
    ['with entities of entities', `<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "${'&a;'.repeat(100)}">]><r><p>&b;</p></r>`],
    ['with an entity that nothing defines', '<r><p>&nbsp;</p></r>'],
    ['with an instruction', '<r><?x y?></r>'],
    ['that ends early', '<r><p>'],
    ['with a second root', '<r/><r/>'],
    ['with text between its children', '<r><p/>text</r>'],
    ['with elements in a text that is asked for', '<r><p><name>a<n/></name></p></r>'],
    ['of another root', '<q/>'],
    ['of nothing', ''],
    ['with U+FFFF', '<r><p>\uffff</p></r>'],
    ['of a thousand elements in one another', `<r><p>${'<n>'.repeat(1000)}${'</n>'.repeat(1000)}</p></r>`],
  ])('%s is refused', (_what, document) => {
    expect(read(document)).toBeUndefined()
  })

  test('of very long tags and texts takes no time that grows with their square', () => {
    const names = Array.from({ length: 100_000 }, (_, at) => ` a${at}=""`).join('')
    expect(both(xml(`<r><p><n${names}/></p></r>`)).fast?.children).toHaveLength(1)
    for (const hostile of [
      `<r${names}`,
      `<r><p ${' '.repeat(200_000)}`,
      `<r><p${' a="1"'.repeat(20_000)}x</p></r>`,
      `<r><p>${'&amp;'.repeat(200_000)}&</p></r>`,
    ])
      expect(both(xml(hostile))).toEqual({ parser: undefined, fast: undefined })
  })
})
