import { expect, test } from 'vitest'
import { App, Condition, FileTarget, gcs, Job, PipelineKind, PublicRepo, Release, Secret, StagingRepo, s3 } from '../../index.js'
import { pinned } from '../../testing/small-release.js'

const google = (name: string) =>
  gcs(name, {
    credentials: { accessId: Secret.variable(`${name.toUpperCase()}_ID`), secret: Secret.variable(`${name.toUpperCase()}_KEY`) },
  })
const amazon = (name: string) =>
  s3(name, {
    region: 'eu-central-1',
    credentials: {
      accessKeyId: Secret.variable(`${name.toUpperCase()}_ID`),
      secretAccessKey: Secret.variable(`${name.toUpperCase()}_KEY`),
    },
  })

/** The codes for a job of one's own with this script, beside a release to the bucket `public`. */
function codesOf(bucket: typeof google, script: string) {
  const app = new App(pinned)
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const staging = new StagingRepo(app, 'staging', { at: bucket('staging') })
  const routes = [{ on: tagged, staging, public: new PublicRepo(app, 'downloads', { at: bucket('public') }) }]
  new FileTarget(new Release(app, 'acme', { routes }), 'files', { build: { script: ['make'] }, files: 'out/*' })
  new Job(app, 'mine', { on: tagged, image: 'alpine', script: [script] })
  return app.synth().issues.map(({ code }) => code)
}

test.each([
  [google, 'put out/x gs://public/linux/x'],
  [google, 'gcloud storage cp out/x gs://public/x'],
  [google, 'gsutil -m rsync out "gs://public"'],
  [amazon, 'put out/x s3://public/linux/x'],
])('a job that names the public bucket is reported: %o, %j', (bucket, script) => {
  expect(codesOf(bucket, script)).toContain('gate/undeclared')
})

test.each([
  [google, 'put out/x gs://public-2/x'],
  [google, 'put out/x s3://public/x'],
  [google, 'put out/x gs://staging/x'],
  [amazon, 'put out/x gs://public/x'],
])('a job that names another place is not: %o, %j', (bucket, script) => {
  expect(codesOf(bucket, script)).not.toContain('gate/undeclared')
})
