// Checked by tsc: each line below an @ts-expect-error must not compile. Nothing of this runs.
import { App, Condition, Duration, Job, type JobProps, type Need, type RuleProps } from '../index.js'

declare const app: App
declare const build: Job
const script = ['make']

export const needs: readonly Need[] = [
  build,
  { job: build },
  { name: 'x' },
  { pipeline: '$P', job: 'x' },
  { project: 'a/b', job: 'x', ref: 'main' },
]
export const rules: readonly RuleProps[] = [{ if: Condition.tag() }, { if: '$A' }, { startIn: Duration.hours(1) }, { when: 'never' }]

// @ts-expect-error another project's job has a ref
export const withoutRef: Need = { project: 'a/b', job: 'x' }
// @ts-expect-error manual says whether it blocks
export const manual: RuleProps = { when: 'manual' }
// @ts-expect-error delayed is startIn
export const delayed: JobProps = { script, when: 'delayed' }
// @ts-expect-error never is a rule's
export const never: JobProps = { script, when: 'never' }
// @ts-expect-error the variables of a service are plain strings
new Job(app, 'x', { script, services: [{ name: 's', variables: { A: { value: 'b' } } }] })
// @ts-expect-error GitLab has no such report any more
new Job(app, 'x', { script, artifacts: { reports: { licenseManagement: 'x.json' } } })
// @ts-expect-error jobs are referred to, never by name
new Job(app, 'x', { script, dependencies: ['build'] })
// @ts-expect-error jobs are referred to, never by name
new Job(app, 'x', { script, environment: { name: 'x', onStop: 'stop' } })
// @ts-expect-error jobs are referred to, never by name
new Job(app, 'x', { trigger: { include: [{ artifact: 'x.yml', job: 'build' }] } })
// @ts-expect-error a reason is one of GitLab's
new Job(app, 'x', { script, retry: { max: 1, when: 'bad_luck' } })
// @ts-expect-error a kind of report is one of GitLab's
new Job(app, 'x', { script, artifacts: { reports: { codeQuality: 'x' } } })
// @ts-expect-error a keyword of default is one of ours
new Job(app, 'x', { script, inherit: { default: ['before_script'] } })
// @ts-expect-error extends is deliberately raw
new Job(app, 'x', { script, extends: '.hidden' })
// @ts-expect-error only is deliberately raw
new Job(app, 'x', { script, only: ['tags'] })
// @ts-expect-error the workflow's rules only refuse
new App({ workflow: { rules: [{ if: '$A', when: 'always' }] } })
// @ts-expect-error an included file has one source
new App({ include: ['a.yml'] })
// @ts-expect-error default has no script
new App({ default: { script } })
