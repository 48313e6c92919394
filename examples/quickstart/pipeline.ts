import {
  App,
  Condition,
  ContainerImage,
  Deployment,
  Duration,
  ociLayout,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  Release,
  StagingRepo,
} from 'stagegate'
import * as repositories from './repositories.ts'

const app = new App({
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
const stable = new PublicRepo(app, 'stable', { at: repositories.stable })

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

// A container image, for two platforms. A real project says registry('docker.io/acme', { … }) for these two. The image is optional: the
// release does not wait for it, and it is sealed and published by itself.
const staged = new StagingRepo(app, 'staging-images', { at: ociLayout('repositories/staging-images') })
const images = new PublicRepo(app, 'images', { at: ociLayout('repositories/images') })
new ContainerImage(release, 'image', {
  name: 'hello',
  optional: true,
  routes: [{ on: branch }, { on: tagged, staging: staged, public: images }],
  build: { image: 'node:24-slim', script: ['node scripts/image.mjs'] },
  layout: 'dist/image',
  platforms: ['linux/amd64', 'linux/arm64'],
  tags: ['version', { moving: 'latest' }, { moving: 'minor' }],
})

// What deployments install is what will be published: the sealed packages, from staging.
const deploy = (environment: string) => [
  'node .stagegate/stagegate.mjs fetch --to incoming',
  `node scripts/deploy.mjs ${environment} incoming`,
]
const preprod = new Deployment(release, 'staging', { environment: 'staging', script: deploy('staging') })
new Deployment(release, 'production', { environment: 'production', script: deploy('production'), after: [preprod] })

export default app
