import { App, Condition, Deployment, Duration, FileTarget, PackageTarget, PipelineKind, PublicRepo, Release, StagingRepo } from 'stagegate'
import { addImage } from './image.ts'
import * as repositories from './repositories.ts'

const app = new App({
  project: repositories.project,
  cli: {
    // Stagegate itself is not published yet: the demo packs it from this checkout and puts it beside the project.
    install: ['npm install --omit=dev --ignore-scripts --no-save --no-audit --no-fund ./packed/*.tgz'],
    pin: false,
  },
})
app.accept('isolation/command-not-pinned', 'in this repository the command changes with every commit')
app.accept('isolation/image-not-pinned', 'an example; pin yours')

// A pipeline is of one kind. A tag such as v1.2.3 is released; a branch is built, so that mistakes show early.
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/), describe: 'A version tag' })
const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })

const staging = new StagingRepo(app, 'staging', { at: repositories.staging })
const stable = new PublicRepo(app, 'stable', { at: repositories.stable, trustsJobs: repositories.trustsJobs })

const release = new Release(app, 'hello', {
  routes: [{ on: branch }, { on: tagged, staging, public: stable }],
  hold: Duration.days(14),
})

for (const distribution of ['ubuntu/jammy', 'debian/bookworm'] as const) {
  new PackageTarget(release, distribution, {
    build: { image: 'node:24-slim', script: [`node scripts/build.mjs hello ${distribution} amd64`] },
    packages: 'dist/*.deb',
    architecture: 'amd64',
  })
}
// One package for every distribution.
new PackageTarget(release, 'any/any', {
  build: { image: 'node:24-slim', script: ['node scripts/build.mjs hello-doc any/any all'] },
  packages: 'dist/*.deb',
})

new FileTarget(release, 'tarball', {
  build: {
    image: 'node:24-slim',
    script: ['mkdir -p dist', 'tar -czf "dist/hello-${CI_COMMIT_TAG:-main}.tar.gz" CHANGELOG.md scripts/deploy.mjs scripts/deb.mjs'],
  },
  files: 'dist/*.tar.gz',
})

addImage(release, { branch, tagged })

// What deployments install is what will be published: the sealed packages, from staging.
const deploy = (environment: string) => [
  'node .stagegate/stagegate.mjs fetch --to incoming',
  `node scripts/deploy.mjs ${environment} incoming`,
]
const preprod = new Deployment(release, 'staging', { environment: 'staging', script: deploy('staging') })
new Deployment(release, 'production', { environment: 'production', script: deploy('production'), after: [preprod] })

export default app
