import { describe, expect, test } from 'vitest'
import { lintDocument, lintText } from './index.js'

test('a finding says where it is: path, job, line, and a sentence', () => {
  const { findings } = lintText('stages: [test]\n\nbuild:\n  script: make\n  artifacts:\n    paths: [a]\n    expire_in: 1 fortnight\n')
  expect(findings).toEqual([
    {
      code: 'gitlab/artifacts-expire-in',
      rule: 'A4',
      severity: 'error',
      path: ['build', 'artifacts', 'expire_in'],
      job: 'build',
      line: 7,
      message: '`build.artifacts.expire_in` should be `never` or a duration in quotes, such as "2 weeks", without variables',
    },
  ])
})

test('jobs are judged among one another only where all keywords are right', () => {
  expect(lintText('a: {script: x, needs: [z], foo: 1}\n').findings.map(({ rule }) => rule)).toEqual(['J2'])
})

test('all problems among jobs are reported, although GitLab stops at the first', () => {
  expect(lintText('a: {script: x, needs: [y], stage: moon}\nb: {script: x, needs: [z]}\n').findings.map(({ message }) => message)).toEqual([
    '`a` is in stage moon, which `stages` does not list',
    '`a` needs y, which does not exist',
    '`b` needs z, which does not exist',
  ])
})

test('GitLab only warns of a last rule that always matches', () => {
  const { valid, findings } = lintText('a: {script: x, rules: [{when: always}]}\n')
  expect([valid, findings.map(({ severity }) => severity)]).toEqual([true, ['warning']])
})

describe('an include', () => {
  const text = 'include: [ci/base.yml]\na: {extends: .base, needs: [b], image: z}\n'

  test('that is not read is named, and what it could settle is a warning', () => {
    const { valid, unread, findings } = lintText(text)
    expect([valid, unread, findings.map(({ code, severity }) => [code, severity])]).toEqual([
      true,
      ['ci/base.yml'],
      [['gitlab/needs-undefined', 'warning']],
    ])
  })

  test('that is read is merged', () => {
    const files: Readonly<Record<string, string>> = { 'ci/base.yml': '.base: {script: x}\nb: {script: y}\n' }
    expect(lintText(text, { readLocal: (path) => files[path] })).toMatchObject({ valid: true, unread: [], findings: [], jobs: ['b', 'a'] })
  })

  test('that does not exist is refused', () => {
    expect(lintText(text, { readLocal: () => undefined }).findings).toMatchObject([
      { rule: 'K2', line: 1, message: 'the included file ci/base.yml does not exist' },
    ])
  })

  test('without anything in it is refused, and so is one mapping of which no file comes', () => {
    expect(lintText('include: [b.yml]\na: {script: x}\n', { readLocal: () => '{}\n' }).findings).toMatchObject([{ rule: 'K2' }])
    const readLocal = Object.assign(() => undefined, { list: () => [] })
    expect(lintText('include: {local: "ci/*.yml"}\na: {script: x}\n', { readLocal }).findings).toMatchObject([{ rule: 'K1' }])
    expect(lintText('include: [{local: "ci/*.yml"}]\na: {script: x}\n', { readLocal }).findings).toEqual([])
  })

  test('gets values for its inputs as GitLab converts them', () => {
    const included = (inputs: string): readonly unknown[] => {
      const files = {
        'b.yml':
          'spec: {inputs: {v: {}, n: {type: number, default: 1}}}\n---\n"job $[[ inputs.v ]]":\n  script: x\n  parallel: $[[ inputs.n ]]\n',
      }
      const { jobs, findings } = lintText(`include: [{local: b.yml, inputs: ${inputs}}]\n`, { readLocal: (path) => files[path as 'b.yml'] })
      return [jobs, findings.map(({ rule }) => rule)]
    }
    expect(included('{v: 3.10, n: "2"}')).toEqual([['job 3.1 1/2', 'job 3.1 2/2'], []])
    expect(included('{v: [a, 1]}')).toEqual([['job ["a", 1] 1/1'], []])
    expect(included('{v: x, n: two}')).toEqual([[], ['K7']])
  })

  test('can be given an input that stays open', () => {
    const files = { 'b.yml': 'spec: {inputs: {n: {type: number}}}\n---\nb:\n  script: x\n  parallel: $[[ inputs.n ]]\n' }
    const yaml = 'spec: {inputs: {m: {type: number, default: 1}}}\n---\ninclude: [{local: b.yml, inputs: {n: "$[[ inputs.m ]]"}}]\n'
    const { resolved } = lintText(yaml, { readLocal: (path) => files[path as 'b.yml'], open: new Set(['m']) })
    expect(resolved?.get('b')).toEqual(
      new Map([
        ['script', 'x'],
        ['parallel', '$[[ inputs.m ]]'],
      ]),
    )
  })

  test('of itself ends at the limit', () => {
    expect(lintText('include: a.yml\n', { readLocal: () => 'include: a.yml\n' }).findings).toMatchObject([{ rule: 'K3' }])
  })
})

test('no include adds to the stages that the file itself names', () => {
  const unread = 'include: [{local: hand.yml}, {project: g/p, file: x.yml}]\n'
  const readLocal = () => 'q: {script: x, stage: qa}\n'
  expect(lintText(`${unread}stages: [build]\na: {script: x, stage: build}\n`, { readLocal }).findings).toMatchObject([
    { code: 'gitlab/stage-undefined', severity: 'error', job: 'q', message: expect.stringContaining('replace the `stages` of all files') },
  ])
  for (const stages of ['', 'stages: [build, !reference [.x, stages]]\n'])
    expect(lintText(`${unread}${stages}a: {script: x, stage: build}\n`, { readLocal }).findings).toMatchObject([
      { code: 'gitlab/stage-undefined', severity: 'warning' },
    ])
  // The stage of a job that names none can stand in the other file.
  expect(lintText(`${unread}stages: [build]\na: {script: x}\n`, { readLocal: () => '.q: {tags: [x]}\n' }).findings).toMatchObject([
    { code: 'gitlab/stage-undefined', severity: 'warning' },
  ])
})

describe('inputs of other files', () => {
  const header = (include: string, content = '"job $[[ inputs.v ]]": {script: x}'): string =>
    `spec: {include: ${include}, inputs: {w: {default: own}}}\n---\n${content}\n`
  const files: Readonly<Record<string, string>> = { 'ci/inputs.yml': 'inputs:\n  v: {default: theirs}\n  w: {default: theirs}\n' }
  const readLocal = (path: string): string | undefined => files[path]

  test('are known, and those of the file itself come first', () => {
    const yaml = header('[{local: /ci/inputs.yml}]', '"job $[[ inputs.v ]] $[[ inputs.w ]]": {script: x}')
    expect(lintText(yaml, { readLocal })).toMatchObject({ findings: [], unread: [], jobs: ['job theirs own'] })
  })

  test('can be anything where the file was not read', () => {
    const yaml = header('[{project: g/p, file: i.yml}]')
    expect(lintText(yaml, { readLocal, inputs: { other: 1 } })).toMatchObject({ findings: [], unread: ['g/p: i.yml'], valid: true })
    expect(lintText(yaml, { readLocal }).jobs).toEqual(['job $[[ inputs.v ]]'])
    const values =
      'a:\n  script: $[[ inputs.a ]]\n  stage: $[[ inputs.b ]]\n  when: $[[ inputs.c ]]\n  needs: ["$[[ inputs.d ]]"]\n  parallel: $[[ inputs.e ]]'
    expect(lintText(header('[{project: g/p, file: i.yml}]', values)).findings).toEqual([])
  })

  test('are not there where the file is not', () => {
    expect(lintText(header('[{local: none.yml}]'), { readLocal }).findings).toMatchObject([{ code: 'gitlab/spec-include-missing' }])
  })
})

test('a mistake is reported with its line, also in a file that is not YAML, and at a keyword that does not exist', () => {
  expect(lintText('a:\n  script: [x\nb: {script: y}\n').findings).toMatchObject([{ code: 'gitlab/yaml-syntax', line: 3 }])
  expect(lintText('a:\n  script: x\n  artifacts:\n    name: x\n    pathes: [x]\n').findings).toMatchObject([
    { code: 'gitlab/artifacts-unknown-key', line: 5, message: expect.stringContaining('`a.artifacts` has pathes') },
  ])
  expect(lintText('include: b.yml\n', { readLocal: () => 'a: {script: x}\nb: [\n' }).findings[0]?.message).toMatch(
    /^in the included file b\.yml, line \d: the file is not YAML/,
  )
  expect(lintText('a:\n  scirpt: x\n').findings).toContainEqual(
    expect.objectContaining({
      code: 'gitlab/job-without-script',
      message: expect.stringContaining('did you mean `script` instead of `scirpt`?'),
    }),
  )
})

test('limits that an administrator changed are taken as they are', () => {
  const yaml = 'a: {script: x}\nb: {script: x}\nc: {script: x, needs: [a, b]}\n'
  expect(lintText(yaml, { limits: { needs: 1 } }).findings).toMatchObject([{ rule: 'N13', job: 'c' }])
})

test('a document need not be text', () => {
  expect(lintDocument({ a: { script: ['x'], needs: ['b'] } })).toMatchObject([{ code: 'gitlab/needs-undefined', path: ['a', 'needs'] }])
})

test('the last of equal keys holds, and what merges overrides what is above it', () => {
  const { valid, findings } = lintText('a:\n  scrpt: x\nb: {script: x}\na:\n  script: x\n  script: y\n')
  expect(valid).toBe(true)
  expect(findings.map(({ severity, line, message }) => [severity, line, message])).toEqual([
    ['warning', 4, '`a` is defined twice, first in line 1: GitLab silently uses the last'],
    ['warning', 6, '`a.script` is defined twice, first in line 5: GitLab silently uses the last'],
  ])
  // Two merge keys both count.
  expect(lintText('.d: &d {tags: [x]}\n.e: &e {when: manual}\na: {script: x, <<: *d, <<: *e}\n').findings).toEqual([])
  expect(lintText('.d: &d {when: never}\na: {script: x, when: manual, <<: *d}\n').findings).toMatchObject([{ rule: 'J8' }])
})
