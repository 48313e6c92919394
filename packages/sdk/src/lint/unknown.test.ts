import { describe, expect, test } from 'vitest'
import { lintText } from './index.js'

const unread = 'include: {project: g/p, file: x.yml}\n'
const reference = '!reference [.x, y]'
const errors = (yaml: string): readonly string[] =>
  lintText(`${unread}${yaml}\n`)
    .findings.filter(({ severity }) => severity === 'error')
    .map(({ message }) => message)
const inJob = (keyword: string): string => `a: {script: x, ${keyword}}`

// `@` stands for the value.
const lists = {
  script: 'a: {script: @}',
  before_script: inJob('before_script: @'),
  after_script: inJob('after_script: @'),
  hooks: inJob('hooks: {pre_get_sources_script: @}'),
  tags: inJob('tags: @'),
  rules: inJob('rules: @'),
  'changes of a rule': inJob('rules: [{changes: @}]'),
  'paths of changes': inJob('rules: [{changes: {paths: @}}]'),
  'exists of a rule': inJob('rules: [{exists: @}]'),
  'needs of a rule': inJob('rules: [{if: $A, needs: @}]'),
  cache: inJob('cache: @'),
  'paths of a cache': inJob('cache: {paths: @}'),
  'files of a key': inJob('cache: {key: {files: @}}'),
  'fallback keys': inJob('cache: {fallback_keys: @}'),
  needs: inJob('needs: @'),
  services: inJob('services: @'),
  'command of a service': inJob('services: [{name: s, command: @}]'),
  'entrypoint of an image': inJob('image: {name: i, entrypoint: @}'),
  'pull policies': inJob('image: {name: i, pull_policy: @}'),
  dependencies: inJob('dependencies: @'),
  only: inJob('only: @'),
  'variables of only': inJob('only: {variables: @}'),
  'paths of artifacts': inJob('artifacts: {paths: @}'),
  'exposed paths': inJob('artifacts: {expose_as: x, paths: @}'),
  'a report': inJob('artifacts: {reports: {junit: @}}'),
  matrix: inJob('parallel: {matrix: @}'),
  'a row of a matrix': inJob('parallel: {matrix: [{A: @}]}'),
  'the matrix of a need': inJob('needs: [{job: q, parallel: {matrix: @}}]'),
  'reasons to retry': inJob('retry: {max: 1, when: @}'),
  'exit codes': inJob('allow_failure: {exit_codes: @}'),
  'inherited defaults': inJob('inherit: {default: @}'),
  audience: inJob('id_tokens: {T: {aud: @}}'),
  milestones: inJob('release: {tag_name: t, description: d, milestones: @}'),
  'includes of a trigger': 'a: {trigger: {include: @}}',
  'rules of the workflow': 'workflow: {rules: @}\na: {script: x}',
  stages: 'stages: @\na: {script: x}',
  'default tags': 'default: {tags: @}\na: {script: x}',
  steps: 'a: {run: @}',
  'options of a job input': inJob('inputs: {i: {default: x, options: @}}'),
} as const

const single = {
  'a whole job': 'a: @\nb: {script: x}',
  image: inJob('image: @'),
  'the name of an image': inJob('image: {name: @}'),
  when: inJob('when: @'),
  'when with start_in': inJob('when: @, start_in: 1 day'),
  start_in: inJob('start_in: @'),
  'when of a rule with start_in': inJob('rules: [{if: $A, when: @, start_in: 1 day}]'),
  timeout: inJob('timeout: @'),
  coverage: inJob('coverage: @'),
  parallel: inJob('parallel: @'),
  environment: inJob('environment: @'),
  'the name of an environment': inJob('environment: {name: @}'),
  release: inJob('release: {tag_name: @, description: @}'),
  retry: inJob('retry: @'),
  variables: inJob('variables: @'),
  'one variable': inJob('variables: {A: @}'),
  'a variable of a service': inJob('services: [{name: s, variables: {A: @}}]'),
  allow_failure: inJob('allow_failure: @'),
  stage: 'stages: [build]\na: {script: x, stage: @}',
  trigger: 'a: {trigger: @}',
  'a secret': inJob('secrets: {S: {vault: @}}'),
  'the name of a step': 'a: {run: [{name: @, script: x}]}',
  'a job input': inJob('inputs: {i: @}'),
  'its default': inJob('inputs: {i: {type: number, default: @}}'),
  pages: inJob('pages: @, publish: out'),
} as const

describe('a reference into a file that was not read', () => {
  test.each(Object.entries(lists))('can be right in %s: as the value, as an item, and as an item of an item', (_, yaml) => {
    for (const value of [reference, `[${reference}]`, `[${reference}, ${reference}]`]) expect(errors(yaml.replace('@', value))).toEqual([])
  })

  test.each(Object.entries(single))('can be right as %s', (_, yaml) => {
    expect(errors(yaml.replaceAll('@', reference))).toEqual([])
  })

  test.each([
    ['script', '[!reference [.x, y], {a: b}]', lists.script],
    ['tags', '[!reference [.x, y], [a]]', lists.tags],
    ['rules', '[!reference [.x, y], {foo: 1}]', lists.rules],
    ['cache', '[!reference [.x, y], {pats: [a]}]', lists.cache],
    ['needs', '[!reference [.x, y], 1]', lists.needs],
    ['exit codes', '[!reference [.x, y], a]', lists['exit codes']],
  ])('hides no mistake beside it in %s', (_, value, yaml) => {
    expect(errors(yaml.replace('@', value))).toHaveLength(1)
  })

  test('leads nowhere where all files were read', () => {
    expect(lintText('a: {script: [!reference [.x, y]]}\n').findings).toMatchObject([{ rule: 'Y7' }])
  })
})
