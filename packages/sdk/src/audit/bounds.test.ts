import { describe, expect, test } from 'vitest'
import { fits } from '../name-pattern.js'
import { audit } from './audit.js'

// Small files that others wrote, of which a reader could make a great deal: each is judged in a moment, or refused as too big.
const many = (count: number, line: (at: number) => string) => Array.from({ length: count }, (_, at) => line(at)).join('\n')
const tooBig = ['gitlab/yaml-too-big']

describe('a file that could keep us for ever', () => {
  test.each<[what: string, yaml: string, codes?: readonly string[]]>([
    ['a line of spaces', `a:\n  script: x\n${' '.repeat(300_000)}#\n`],
    ['a key and a line of spaces', `a:\n  script: x\n# ${' '.repeat(300_000)}b: c\n`],
    ['lines of commands that could push', `a:\n  script:\n${many(600, () => `    - ${'docker npm mvn s3 cp '.repeat(70)}`)}\n`],
    ['a line of commands that could push', `a:\n  script: ${'docker buildx build '.repeat(40_000)}\n`],
    [
      'many jobs that publish, behind many clicks',
      many(400, (at) => `p${at}: {stage: ${at % 2 ? 'deploy' : 'test'}, script: [npm publish], when: manual}`),
    ],
    ['many comments in one line', `a:\n  script: x ${'# '.repeat(100_000)}\n`],
    ['a name of a job that is all stars', `'${'*'.repeat(60)}x': # stagegate: publishes\n  script: x\n${'a'.repeat(200)}:\n  script: x\n`],
    [
      'merge keys that bring in much, much more',
      `a: &a\n${many(5_000, (at) => `  k${at}: 1`)}\nb:\n  <<: [${'*a, '.repeat(5_000)}]\n`,
      tooBig,
    ],
    ['merge keys in many jobs', `a: &a\n${many(2_000, (at) => `  k${at}: 1`)}\n${many(2_000, (at) => `b${at}: {<<: *a}`)}\n`, tooBig],
    [
      'aliases of aliases, seen from their end',
      `${many(5_000, (at) => `k${5_000 - at}: 0`)}\nk1: &a1 [x]\n${many(4_999, (at) => `k${at + 2}: &a${at + 2} [*a${at + 1}]`)}\n`,
      tooBig,
    ],
    [
      'bases with many bases',
      `j0: {script: x}\n${many(10, (at) => `j${at + 1}: {extends: [${'j'.concat(String(at), ', ').repeat(20)}]}`)}\n`,
    ],
    [
      'references to lists of references',
      `.r0: {script: [x]}\n${many(9, (at) => `.r${at + 1}: {script: [${`!reference [.r${at}, script], `.repeat(20)}]}`)}\na: {script: !reference [.r9, script]}\n`,
      tooBig,
    ],
    [
      'an input that is filled in often',
      `spec: {inputs: {x: {default: ${'v'.repeat(100_000)}}}}\n---\na: {script: "${'$[[ inputs.x ]]'.repeat(1_000)}"}\n`,
      ['gitlab/interpolation-size'],
    ],
    [
      'an input that is filled in in many places',
      `spec: {inputs: {x: {default: ${'v'.repeat(100_000)}}}}\n---\n${many(1_000, (at) => `a${at}: {script: "$[[ inputs.x ]] "}`)}\n`,
      ['gitlab/interpolation-size'],
    ],
    ['an input that is not closed', `spec: {inputs: {x: {default: v}}}\n---\na: {script: "$[[${' '.repeat(100_000)}x"}\n`],
    ['very many of them', `spec: {inputs: {x: {default: v}}}\n---\na: {script: "${'$[['.repeat(100_000)}x"}\n`],
    ['very many documents', `${'---\n'.repeat(400_000)}a: {script: x}\n`],
    ['very many quotes without an indent', `a:\n  script:\n${many(20_000, () => '    - "x\ny"')}\n`, ['gitlab/yaml-syntax']],
    [
      'very many brackets without an indent',
      `a: {script: x}\nb: [${'[x,\n'.repeat(150)}\n${'y,\n'.repeat(40_000)}`,
      ['gitlab/yaml-syntax'],
    ],
    ['very many colons in brackets', `a: {script: x}\n.b: [${'a:b, '.repeat(100_000)}"x", ${'"::" , '.repeat(1_000)}]\n`],
    ['a condition with many inputs', `a:\n  script: x\n  rules: [{if: "${'$[[ inputs.x '.repeat(80_000)}"}]\n`, ['gitlab/rule-if']],
    ['brackets that close nothing', `a: {script: x}\n${']'.repeat(1_000_000)}\n`, ['gitlab/yaml-syntax']],
    ['a very long word', `a: {script: ${'a'.repeat(1_000_000)}}\n`],
    ['very many words that could use a secret', `a: {script: "${'set to TOKEN --a '.repeat(40_000)}"}\n`],
    ['very many quotes', `a: {script: "curl $TOKEN ${"''".repeat(300_000)}"}\n`],
    ['a quote that does not end', `a: {script: 'curl $TOKEN ${'"'.repeat(300_001)}'}\n`],
    ['hundreds of rules', `a:\n  script: x\n  rules:\n${many(400, (at) => `    - if: $A${at} == "x" && $B${at} =~ /x${at}/`)}\n`],
  ])(
    '%s',
    (_what, yaml, codes) => {
      const start = performance.now()
      const { findings } = audit(yaml, { secrets: ['TOKEN'] })
      // Most take a tenth of a second; without a bound, minutes or more. Busy machines get time.
      expect(performance.now() - start).toBeLessThan(120_000)
      if (codes !== undefined) expect(findings.map(({ code }) => code)).toEqual(codes)
    },
    60_000,
  )
})

describe('bases are merged', () => {
  const codes = (yaml: string) => audit(yaml).findings.map(({ code }) => code)
  const chain = (length: number) => `j0: {script: x}\n${many(length, (at) => `j${at + 1}: {extends: j${at}}`)}\n`

  test('over as many steps as GitLab allows, and no more, in any order', () => {
    for (const yaml of [chain(11), chain(11).trim().split('\n').toReversed().join('\n')])
      expect(codes(yaml)).not.toContain('gitlab/extends-depth')
    for (const yaml of [chain(12), chain(12).trim().split('\n').toReversed().join('\n')])
      expect(codes(yaml)).toContain('gitlab/extends-depth')
  })

  test('not in a circle', () => {
    expect(codes('a: {extends: b}\nb: {extends: [c, d]}\nc: {script: x}\nd: {extends: a}\n')).toContain('gitlab/extends-cycle')
  })
})

test.each([
  ['a', 'a', true],
  ['ab', 'a', false],
  ['', '*', true],
  ['abc', '*', true],
  ['abc', 'a*', true],
  ['abc', '*c', true],
  ['abc', '*b*', true],
  ['abc', 'a*c', true],
  ['abc', 'a*b', false],
  ['aba', 'ab*ba', false],
  ['abba', 'ab*ba', true],
  ['abcabc', '*abc*abc', true],
  ['abcbc', '*abc*abc', false],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  ['a\nb', 'a*b', true],
  ['publish: [el/9]', 'publish: [*]', true],
])('%j fits %j: %s', (name, pattern, expected) => {
  expect(fits(name, pattern)).toBe(expected)
})
