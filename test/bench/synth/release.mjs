// One release of so many targets, four jobs each, on packagecloud: what the proof of the gate has to go through. Prints the number of jobs.
import { App, Condition, Deployment, PackageTarget, PipelineKind, PublicRepo, packagecloud, Release, Secret, StagingRepo } from 'stagegate'

const targets = Number(process.argv[2])
const app = new App({ cli: { image: `node@sha256:${'0'.repeat(64)}` } })
app.accept('structure/too-big', 'nobody runs it')
const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
const at = (name, token) => ({ at: packagecloud(`acme/${name}`, { token: Secret.variable(token) }) })
const staging = new StagingRepo(app, 'staging', at('staging', 'STAGING_TOKEN'))
const stable = new PublicRepo(app, 'stable', at('stable', 'PUBLIC_TOKEN'))
const release = new Release(app, 'acme', { routes: [{ on: branch }, { on: tagged, staging, public: stable }] })
for (let number = 1; number <= targets; number++) {
  new PackageTarget(release, `el/${number}`, { build: { image: 'builder', script: ['make package'] }, packages: 'dist/*.rpm' })
}
const preprod = new Deployment(release, 'staging', { script: ['deploy staging'] })
new Deployment(release, 'production', { script: ['deploy production'], after: [preprod] })
const { document, ok, issues } = app.synth()
if (!ok) throw new Error(JSON.stringify(issues.slice(0, 5)))
console.log(Object.keys(document.jobs).length)
