import type { Answers } from './answers.js'

export interface Template {
  readonly path: string
  readonly text: string
  readonly executable?: boolean
}

/** The files of a first pipeline. All of them are meant to be changed. */
export function templatesFor(answers: Answers): readonly Template[] {
  return [
    { path: 'pipeline.ts', text: pipeline(answers) },
    { path: 'pipeline.test.ts', text: test(answers) },
    { path: 'scripts/build.sh', text: build, executable: true },
    { path: 'scripts/deploy.sh', text: deploy, executable: true },
  ]
}

function pipeline({ name, distributions, account }: Answers): string {
  const address =
    account === undefined
      ? { imports: 'directory', staging: `directory('/srv/packages/staging')`, stable: `directory('/srv/packages/stable')` }
      : {
          imports: 'packagecloud, Secret',
          staging: `packagecloud('${account}/${name}-staging', { token: Secret.variable('STAGING_TOKEN') })`,
          stable: `packagecloud('${account}/${name}', { token: Secret.variable('PUBLIC_TOKEN') })`,
        }
  return `import { App, Condition, Deployment, Duration, PackageTarget, PipelineKind, PublicRepo, Release, StagingRepo, ${address.imports} } from 'stagegate'

const app = new App()
app.accept('isolation/image-not-pinned', 'pin cli.image by digest before the first release')

// A pipeline is of one kind; the first that matches wins. A tag such as v1.2.3 is released, a branch is only built.
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\\d+\\.\\d+\\.\\d+)$/) })
const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })

// Packages wait in the private staging repository; only a click takes them to the public one.
const staging = new StagingRepo(app, 'staging', { at: ${address.staging} })
const stable = new PublicRepo(app, 'stable', { at: ${address.stable} })

const release = new Release(app, '${name}', {
  routes: [{ on: branch }, { on: tagged, staging, public: stable }],
  hold: Duration.days(14),
})

for (const distribution of [${distributions.map((distribution) => `'${distribution}'`).join(', ')}] as const) {
  new PackageTarget(release, distribution, {
    build: { image: 'debian:stable-slim', script: [\`scripts/build.sh \${distribution}\`] },
    packages: 'dist/*',
  })
}

// Publishing cannot begin before these have installed what is staged.
const preprod = new Deployment(release, 'staging', { environment: 'staging', script: ['node .stagegate/stagegate.mjs fetch --to incoming', 'scripts/deploy.sh staging'] })
new Deployment(release, 'production', { environment: 'production', script: ['node .stagegate/stagegate.mjs fetch --to incoming', 'scripts/deploy.sh production'], after: [preprod] })

export default app
`
}

function test({ distributions }: Answers): string {
  return `import { expect, test } from 'vitest'
import app from './pipeline'

const pipeline = app.synth().pipeline({ tag: 'v1.2.3', protected: true })

test('a tag waits for a person at every target', () => {
  expect(pipeline.manual).toEqual([${distributions.map((distribution) => `'publish: [${distribution}]'`).join(', ')}])
})

test('nothing is published before production runs it', () => {
  for (const job of pipeline.names('publish: *')) expect(pipeline.waitsFor(job)).toContain('deploy: [production]')
})

test('a branch publishes nothing', () => {
  expect(app.synth().pipeline({ branch: 'main', protected: true }).names('publish: *')).toEqual([])
})
`
}

const build = `#!/bin/sh
# scripts/build.sh DISTRIBUTION: leaves the packages in dist/.
set -eu
echo "Build your packages for $1 here, and leave them in dist/." >&2
exit 1
`

const deploy = `#!/bin/sh
# scripts/deploy.sh ENVIRONMENT: installs the packages in incoming/, which are exactly those that will be published.
set -eu
echo "Install the packages of incoming/ in $1 here, and check what they run as: \${STAGEGATE_VERSION:-no version}." >&2
exit 1
`
