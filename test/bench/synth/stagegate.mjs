// A release of eleven targets, and so many jobs in all, written for Stagegate. Prints the YAML's length.
import { App, Condition, Deployment, directory, Job, PackageTarget, PipelineKind, PublicRepo, Release, StagingRepo } from 'stagegate'

const jobs = Number(process.argv[2])
const app = new App()
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
const staging = new StagingRepo(app, 'staging', { at: directory('/srv/staging') })
const stable = new PublicRepo(app, 'stable', { at: directory('/srv/stable') })
const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
for (let number = 0; number < 11; number++) {
  new PackageTarget(release, `el/${number}`, { build: { image: 'builder', script: ['make package'] }, packages: 'dist/*' })
}
new Deployment(release, 'production', { script: ['deploy'] })
let previous
for (let number = 0; number < jobs - 48; number++) {
  const needs = previous === undefined ? [] : [previous]
  previous = new Job(app, `test ${number}`, {
    on: tagged,
    image: 'tester',
    script: [`make test-${number}`],
    needs: needs.slice(0, number % 10),
  })
}
const { files, ok, issues } = app.synth()
if (!ok) throw new Error(JSON.stringify(issues))
console.log(files[0].text.length)
