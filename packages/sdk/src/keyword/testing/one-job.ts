import { expect } from 'vitest'
import type { JobDocument } from '../../gitlab/document.js'
import { App, type AppProps, Condition, Job, type JobProps, PipelineKind, sentenceOf } from '../../index.js'

/** The one job of an app with the kind `main`, as it is rendered; nothing about it is an issue. */
export function rendered(props: JobProps): JobDocument {
  const { app } = withJob(props)
  const { document, issues } = app.synth()
  expect(issues).toEqual([])
  return document.jobs['job'] ?? {}
}

/** What an untyped program is told of the job's keywords. */
export function told(props: object): readonly string[] {
  return withJob({ script: ['make'], ...props })
    .app.synth()
    .issues.map(sentenceOf)
}

/** As `told`, of the app's. */
export function toldOfApp(props: object): readonly string[] {
  return withJob({ script: ['make'] }, props)
    .app.synth()
    .issues.map(sentenceOf)
}

function withJob(props: JobProps, ofApp: AppProps = {}) {
  // What an older GitLab does not know is another matter.
  const app = new App({ gitlab: '>=99.0', ...ofApp })
  new PipelineKind(app, 'main', { when: Condition.branch('main') })
  return { app, job: new Job(app, 'job', props) }
}
