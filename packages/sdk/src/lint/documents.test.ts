import { describe, expect, test } from 'vitest'
import { lintText } from './index.js'

const errors = (yaml: string): readonly string[] =>
  lintText(yaml)
    .findings.filter(({ severity }) => severity === 'error')
    .map(({ message }) => message)

describe('documents are cut as GitLab cuts them, before any YAML is read', () => {
  test.each([
    ['empty ones are dropped', '---\n---\na: {script: x}\n'],
    ['so are those of comments', '# one\n---\n# two\n---\na: {script: x}\n---\n# three\n'],
    ['the indent of the first line is lost with the line above it', '---\n  a:\n  script: x\n'],
    ['an empty header is one', 'spec:\n---\na: {script: x}\n'],
    ['only the first counts without a header', '---\na: {script: x}\n--- # more\nb: 1\n'],
    [
      'a header may come after an empty document',
      '---\n# c\n---\nspec: {inputs: {i: {default: x}}}\n---\na: {script: "$[[ inputs.i ]]"}\n',
    ],
  ])('%s', (_, yaml) => {
    expect(errors(yaml)).toEqual([])
  })

  test('lines are those of the file', () => {
    expect(
      lintText('# c\n---\nspec:\n  inputs:\n    i: {default: x}\n---\n\na:\n  script: $[[ inputs.i ]]\n  foo: 1\n').findings,
    ).toMatchObject([{ rule: 'J2', line: 10 }])
    expect(lintText('---\nspec:\n  inputs:\n    i: {type: foo}\n---\na: {script: x}\n').findings).toMatchObject([{ rule: 'K6', line: 4 }])
    expect(lintText('---\na: {script: x}\n---\nb: [\n').findings).toMatchObject([{ rule: 'Y2', line: 5 }])
  })
})

describe('between quotes and brackets there is no indent', () => {
  test.each([
    'a:\n  script: "one\n  two"\n',
    "a:\n  script: 'one\ntwo ''three\n\nfour'\n  tags: [x]\n",
    'a:\n  script: [one,\ntwo,\n"three\nfour"]\n  tags: [x]\n',
    'a:\n  script: x\n  variables: {A: b,\nC: "d\ne: f # g"}\n',
    'a:\n  script: "say \\"\nb: \\" twice"\n  tags: [x]\n',
    "a:\n  script: 'it''\nb: s'\n  tags: [x]\n",
    'a:\n  script:\n    - "one\n  two"\n    - "a \\"quoted\\"\nword"\n',
  ])('in %j', (yaml) => {
    expect(errors(yaml)).toEqual([])
  })

  test('but a quote that never ends is refused', () => {
    expect(lintText('a:\n  script: "one\n  two\n').findings).toMatchObject([{ rule: 'Y2' }])
  })

  test('and a colon there is one', () => {
    for (const yaml of ['a: {script: [:x]}\n', 'a: {script: x, tags: [x:]}\n', 'a: {script: x, variables: {A: :b}}\n'])
      expect(lintText(yaml).findings).toMatchObject([{ rule: 'Y2', line: 1 }])
    expect(errors('a: {script: x, variables: {A: b:c, "D": "e"}, tags: [":f"]}\n')).toEqual([])
  })
})

test('a key that Ruby reads as a symbol is the key', () => {
  expect(errors('a:\n  :script: x\n  :needs: [b]\n:b: {script: y}\n')).toEqual([])
})

test('a number with a point is no integer, and keeps its text', () => {
  expect(errors('a: {script: x, variables: {A: 1.0}, parallel: {matrix: [{B: "1.0"}]}}\n')).toEqual([])
  expect(errors('a: {script: x, parallel: {matrix: [{B: 1.0}]}}\n')).not.toEqual([])
  const header = 'spec: {inputs: {i: {default: 1.0}}}\n---\n'
  expect(lintText(`${header}"job $[[ inputs.i ]]": {script: x}\n`).jobs).toEqual(['job 1.0'])
})

test('a file that takes half of the memory that GitLab allows is reported, and one that takes too much is refused', () => {
  const jobs = (count: number): string => Array.from({ length: count }, (_, index) => `j${index}: {script: x, tags: [t]}\n`).join('')
  expect(lintText(jobs(2_000)).findings).toEqual([])
  expect(lintText(jobs(3_000)).findings).toMatchObject([
    { code: 'gitlab/yaml-large', severity: 'warning', message: expect.stringMatching(/KiB of GitLab's memory, 6\d % of what it loads/) },
  ])
  expect(lintText('include: [b.yml]\na: {script: x}\n', { readLocal: () => jobs(3_000) }).findings).toMatchObject([
    { code: 'gitlab/yaml-large', severity: 'warning', line: 1, message: expect.stringMatching(/^the included file b\.yml takes about/) },
  ])
  expect(lintText(jobs(5_000)).findings).toMatchObject([{ code: 'gitlab/yaml-too-big', severity: 'error' }])
})
