import { describe, expect, test } from 'vitest'
import { App, type AppProps, Condition, Job, PipelineKind } from '../index.js'
import { smallRelease } from '../testing/small-release.js'
import { toldOfApp } from './testing/one-job.js'

function yamlOf(props: AppProps): string {
  const app = new App(props)
  new PipelineKind(app, 'main', { when: Condition.branch('main') })
  new Job(app, 'job', { script: ['make'] })
  const { files, issues } = app.synth()
  expect(issues).toEqual([])
  return files[0]?.text ?? ''
}

describe('the app’s keywords', () => {
  test('that are not given leave nothing behind', () => {
    expect(yamlOf({}).match(/^\w+(?=:)/gm)).toEqual(['stages', 'workflow', 'variables', 'job'])
  })

  test('inputs are a document of their own, with the header of the file', () => {
    expect(yamlOf({ inputs: { level: { type: 'number', default: 1 } } })).toMatch(
      /^# Written by [^\n]+\n\nspec:\n {2}inputs:\n {4}level: \{type: number, default: 1\}\n---\nstages: /,
    )
  })

  test('a variable is shown in the form for a new pipeline, beside the one of the kind', () => {
    const text = yamlOf({ variables: { LEVEL: { options: ['a', 'b'], description: 'how much', value: 'a' }, PLAIN: 'on' } })
    expect(text).toContain('  STAGEGATE_KIND: ""\n  LEVEL: {value: a, description: how much, options: [a, b]}\n  PLAIN: "on"\n')
  })

  test('the workflow has a name, and its rules stand before the kinds', () => {
    const text = yamlOf({ workflow: { name: 'All', autoCancel: { onJobFailure: 'all' }, rules: [{ if: '$SKIP', when: 'never' }] } })
    expect(text).toContain(
      'workflow:\n  name: All\n  auto_cancel: {on_job_failure: all}\n  rules:\n    - if: $SKIP\n      when: never\n    - if: $CI_COMMIT_BRANCH == "main"\n',
    )
  })

  test('do not reach jobs with credentials', () => {
    const plain = smallRelease().app.synth().document.jobs
    const { document } = smallRelease({ variables: { A: 'x' }, default: { beforeScript: ['curl evil'] } }).app.synth()
    const credentialed = Object.keys(plain).filter((name) => /^(stage|publish)/.test(name))
    expect(credentialed).not.toEqual([])
    for (const name of credentialed) expect(document.jobs[name]?.['inherit']).toEqual({ default: false, variables: false })
  })

  test.each([
    [{ workflow: { nme: 'x' } }, 'the app has workflow.nme, which is not one of its properties'],
    [{ include: [{ local: 'a.yml', input: {} }] }, 'the app has include[0].input, which is not one of its properties'],
    [{ default: { script: ['x'] } }, 'the app has default.script, which is not one of its properties'],
    [{ inputs: { a: { typ: 'string' } } }, 'the app has inputs.a.typ, which is not one of its properties'],
  ])('that do not exist are issues: %j', (props, sentence) => {
    expect(toldOfApp(props)).toEqual([sentence])
  })

  test.each([
    [{ workflow: { name: '' } }, 'Expected a string of 1 to 255 characters in workflow.name, got ""'],
    [{ workflow: { rules: [{ if: '$A' }] } }, 'Expected one of never in workflow.rules[0].when, got undefined'],
    [{ include: ['a.yml'] }, 'Expected an object with local or project or remote or template or component in include[0], got "a.yml"'],
    [{ include: [{ local: 'a.txt' }] }, 'Expected a path that ends in .yml or .yaml in include[0].local, got "a.txt"'],
    [{ include: [{ project: 'a/b' }] }, 'Expected a string in include[0].file, got undefined'],
    [{ variables: { STAGEGATE_KIND: 'x' } }, 'Expected nothing, since such names are Stagegate’s own in variables.STAGEGATE_KIND, got "x"'],
    [{ variables: { A: { value: 'c', options: ['a'] } } }, 'Expected one of the options in variables.A.value, got "c"'],
    [{ default: { image: 7 } }, 'Expected a string in default.image, got 7'],
  ])('with a value of another type are refused at once: %j', (props, message) => {
    expect(() => new App(props as AppProps)).toThrow(message)
  })
})
