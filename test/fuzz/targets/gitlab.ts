import { audit } from '../../../packages/sdk/src/audit/audit.js'
import { parse } from '../../../packages/sdk/src/condition/parse.js'
import { print } from '../../../packages/sdk/src/condition/print.js'
import { bytesOf, mustHold, type Target } from '../target.js'

const expressionWords = [
  '$A',
  '$CI_COMMIT_TAG',
  '==',
  '!=',
  '=~',
  '!~',
  '&&',
  '||',
  '!',
  '(',
  ')',
  '"',
  "'",
  '/',
  '\\/',
  '/i',
  'null',
  'true',
  ' ',
]
const patternWords = ['(', ')', '[', ']', '{1000}', '*', '+', '?', '|', '^', '$', '\\d', '\\p{L}', '(?i)', '.*', '(?:', '\\x{10FFFF}', '[^']
const yamlWords = [
  ...[
    '\n',
    '\n  ',
    ' ',
    '  - ',
    ': ',
    '- ',
    '? ',
    '# ',
    '#',
    '|',
    '>',
    '|2-',
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    '*a',
    '&a ',
    '<<: *a',
    '<<: [*a, *a]',
  ],
  ...[
    '!reference [.a, script]',
    '!!binary ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '\t',
    '\r',
    '\x85',
    '\xef\xbb\xbf',
    '.a:',
    'a:',
    'b:',
    'script:',
  ],
  ...[
    'extends: [.a, .a]',
    'needs: [a]',
    'rules:',
    'if: $A',
    'when: manual',
    'parallel:',
    'matrix:',
    'include:',
    'stages:',
    'spec:',
    'inputs:',
  ],
  ...[
    '$[[ inputs.x ]]',
    '$[[',
    ']]',
    'default:',
    'trigger:',
    'stage: a',
    '# stagegate: publishes',
    '# stagegate: gate',
    '2020-01-01',
    '1e999',
    '0x1',
    '~',
    '.nan',
  ],
]

export const gitlab: readonly Target[] = [
  {
    name: 'expression',
    seeds: bytesOf(
      '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"',
      '!($A || $B != null) && ($C !~ $D)',
      "$A == 'x' || /a\\/b[c-e]{2,3}/i =~ $B",
    ),
    dictionary: [...expressionWords, ...patternWords],
    read: (input) => {
      const parsed = parse(input.toString('utf8'))
      if (!parsed.ok) {
        mustHold(parsed.at >= 0 && parsed.at <= input.length && parsed.message !== '', 'a place and a sentence')
        return `refused: ${parsed.message.replaceAll(/"[^"]*"|\d+|\/.*\//g, '').slice(0, 60)}`
      }
      const { text, problems } = print(parsed.expression)
      const again = parse(text)
      const isSame = again.ok && JSON.stringify(again.expression) === JSON.stringify(parsed.expression)
      mustHold(isSame || problems.length > 0, `what is printed to be read back, got ${text}`)
      return parsed.expression.kind
    },
    refuses: () => false,
  },
  {
    name: 'yaml',
    seeds: bytesOf(
      'stages: [build, publish]\nbuild:\n  stage: build\n  script: make\npublish: # stagegate: publishes\n  stage: publish\n  needs: [build]\n  script: [go]\n  when: manual\n  rules:\n    - if: $CI_COMMIT_TAG =~ /^v/\n      when: manual\n      allow_failure: false\n',
      '.a: &a\n  script: [x]\n  variables: {A: "1", B: yes}\nb:\n  <<: *a\n  extends: .a\n  parallel:\n    matrix:\n      - X: [1, 2]\n        Y: z\nc:\n  script:\n    - !reference [.a, script]\n  needs: [{job: b, optional: true}]\n',
      'spec:\n  inputs:\n    x: {default: v, options: [v, w]}\n---\ninclude: {local: /a.yml, inputs: {y: 1}}\nworkflow:\n  rules: [{if: $A, variables: {K: r}}, {when: never}]\na:\n  script: echo $[[ inputs.x | truncate(0,1) ]]\n',
    ),
    dictionary: yamlWords,
    // Some thousand rules are a matter of seconds, and are none in the wild.
    largest: 48 * 1024,
    read: (input) => {
      const text = input.toString('utf8')
      const { ok, findings, publishers } = audit(text, { publishes: ['pub*'], secrets: ['TOKEN'], readLocal: () => text })
      for (const { code, message } of findings) mustHold(/^[a-z/\d-]+$/.test(code) && message !== '', `a code and a sentence, got ${code}`)
      mustHold(ok === findings.every(({ severity }) => severity !== 'error'), 'a verdict as the findings have it')
      const codes = [...new Set(findings.map(({ code }) => code))].toSorted()
      return `${ok} ${publishers.length > 0} ${codes.slice(0, 3).join()}`
    },
    refuses: () => false,
  },
]
