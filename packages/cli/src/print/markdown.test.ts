import fc from 'fast-check'
import { lexer, type Token } from 'marked'
import { describe, expect, test } from 'vitest'
import { bullets, codeBlock, codeSpan, folded, prose } from './markdown.js'

// All that Markdown, HTML and GitLab read as more than text: https://docs.gitlab.com/user/markdown/ and …/project/quick_actions/
const attacks = [
  '@everyone',
  '/merge',
  '\n/merge\n',
  '\n/close',
  '![x](https://evil.example/p.png)',
  '[x](https://evil.example)',
  'https://evil.example/?q=1',
  'www.evil.example',
  'root@evil.example',
  '<img src=x onerror=alert(1)>',
  '</summary></details><script>x</script>',
  '<!--',
  '&lt;b&gt;',
  '`',
  '``',
  '` @everyone `',
  '```',
  '```\n/merge\n```',
  '\n~~~\n',
  '| a | b |\n|---|---|',
  '#1 !2 $3 %4 &5 ~6',
  '[[_TOC_]]',
  '[^1]',
  '**bold** _it_ ~~no~~',
  '\\`',
  '\\',
  ':tada:',
  '$`x`$',
  '# heading',
  '> quote',
  '- [ ] task',
  '    indented',
  ' ',
  '\u202egnp\u202c',
  '\r\n/merge',
  'a\u2028/merge',
]
const text = fc.oneof(
  fc.constantFrom(...attacks),
  fc.string({ unit: fc.constantFrom(...'`\\ \n@/<>![]()|*_~#&$:.a1') }),
  fc.string({ unit: 'binary' }),
)

/** Everything in a text that is neither plain text nor code. */
function others(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => {
    if (['code', 'codespan', 'space'].includes(token.type)) return []
    const below =
      'tokens' in token && token.tokens !== undefined ? token.tokens : 'items' in token && Array.isArray(token.items) ? token.items : []
    const own = ['paragraph', 'list', 'list_item', 'text'].includes(token.type) ? [] : [`${token.type}: ${token.raw}`]
    return [...own, ...others(below)]
  })
}

/** The code of a text. */
function codes(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) =>
    token.type === 'codespan' || token.type === 'code'
      ? [String(token['text'])]
      : 'tokens' in token && token.tokens !== undefined
        ? codes(token.tokens)
        : [],
  )
}

describe('a text of others is', () => {
  test('one span of code, to its last character', () => {
    fc.assert(
      fc.property(text, (one) => {
        const tokens = lexer(`a ${codeSpan(one)} b`)
        expect(others(tokens)).toEqual([])
        expect(codes(tokens)).toHaveLength(1)
        const [span] = codes(tokens)
        // The characters are those of the text, but for what drives a terminal or breaks a line.
        expect(span?.trim()).toBe(
          codeSpan(one)
            .replace(/^`+|`+$/g, '')
            .trim(),
        )
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['publish: [el/9]', '`publish: [el/9]`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['', '`  `'],
    ['a\nb', '`a�b`'],
    ['x`', '`` x` ``'],
    [' x ', '`  x  `'],
  ])('as it is: %j', (one, expected) => {
    expect(codeSpan(one)).toBe(expected)
  })

  test('one block of code, each line behind a character of ours', () => {
    fc.assert(
      fc.property(fc.array(text), (lines) => {
        const block = codeBlock(
          'diff',
          lines.map((line) => `+${line}`),
        )
        const tokens = lexer(`a\n\n${block}\n\nb`)
        expect(tokens.map(({ type }) => type).filter((type) => type !== 'space')).toEqual(['paragraph', 'code', 'paragraph'])
        const fence = block.split('\n', 1)[0]?.replace('diff', '')
        for (const line of block.split('\n').slice(1, -1)) expect(line).toMatch(/^\+|^$/)
        expect(block.split('\n').at(-1)).toBe(fence)
      }),
      { numRuns: 1000 },
    )
  })

  test('words and code in a sentence, and never at the beginning of a line', () => {
    fc.assert(
      fc.property(fc.array(text), (parts) => {
        const said = `- the job ${prose(parts.join(' and '))}`
        expect(others(lexer(said))).toEqual([])
        expect(said.split('\n')).toHaveLength(1)
        // GitLab finds mentions, references and addresses in any text that is no code.
        expect(said.replace(/(`+).*?[^`]\1(?!`)/g, '')).not.toMatch(/[@#!$%&~[\]<>|*_\\]|:\/\/|www\./)
      }),
      { numRuns: 2000 },
    )
  })
})

test.each([
  ['no longer waits for deploy: [canary], and starts by itself', 'no longer waits for `deploy: [canary],` and starts by itself'],
  ['its rule $CI_COMMIT_TAG holds', 'its rule `$CI_COMMIT_TAG` holds'],
  ['the hold of acme is reduced from 14 days to 7', 'the hold of acme is reduced from 14 days to 7'],
  ['GitLab refuses it: there is none', 'GitLab refuses it: there is none'],
  ['a release that isn’t built', 'a release that isn’t built'],
  ['say @all or a@b.c', 'say `@all` or `a@b.c`'],
])('%j is %j', (sentence, expected) => {
  expect(prose(sentence)).toBe(expected)
})

test('folded content begins after an empty line, as Markdown in HTML has to', () => {
  const tokens = lexer(`${folded('12 more', bullets(['`a`', '`b`']))}\n\n- c`)
  expect(tokens.map(({ type }) => type).filter((type) => type !== 'space')).toEqual(['html', 'list', 'html', 'list'])
})
