import { App, Condition, Deployment, Duration, PackageTarget, PipelineKind, PublicRepo, Release, StagingRepo } from 'stagegate'
import * as repositories from './repositories.ts'

const app = new App({ project: { path: 'acme/hello' }, cli: { pin: false } })
app.accept('isolation/command-not-pinned', 'in this repository the command changes with every commit')
app.accept('isolation/image-not-pinned', 'an example; pin yours')
app.accept('structure/install', 'in this repository the lock file is that of the whole workspace')

const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/), describe: 'A version tag' })
const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })

const staging = new StagingRepo(app, 'staging', { at: repositories.staged })
const apt = new PublicRepo(app, 'apt', { at: repositories.debian })
const yum = new PublicRepo(app, 'yum', { at: repositories.redHat })

const release = new Release(app, 'hello', { routes: [{ on: branch }, { on: tagged, staging, public: apt }], hold: Duration.days(14) })

// Users of Debian 12: deb … https://acme-packages.s3.eu-central-1.amazonaws.com/linux/debian bookworm main
new PackageTarget(release, 'debian/bookworm', {
  build: { image: 'debian:bookworm', script: ['sh packaging/build.sh deb'] },
  packages: 'dist/*.deb',
  // apt-get is in the image that jobs have anyway.
  verify: 'apt',
})

// Users of EL 9: baseurl=https://acme-packages.s3.eu-central-1.amazonaws.com/linux/rpm/el/9
new PackageTarget(release, 'el/9', {
  build: { image: 'registry.acme.example/builders/el9', script: ['sh packaging/build.sh rpm'] },
  packages: 'dist/*.rpm',
  verify: { by: 'dnf', image: 'registry.access.redhat.com/ubi9/nodejs-22' },
  routes: [{ on: branch }, { on: tagged, staging, public: yum }],
})

// Before anybody can publish: the staged packages do what they should.
new Deployment(release, 'check', {
  script: ['node .stagegate/stagegate.mjs fetch --to incoming', 'sh packaging/check.sh incoming'],
})

export default app
