import { App, Condition, Deployment, PackageTarget, PipelineKind, PublicRepo, packagecloud, Release, Secret, StagingRepo } from 'stagegate'

const app = new App({ root: '..', output: 'ci/release.yml', workflow: 'theirs', cli: { pin: false } })
app.accept('isolation/command-not-pinned', 'in this repository the command changes with every commit')
app.accept('structure/install', 'in this repository the workspace installs the command')
app.accept('isolation/image-not-pinned', 'an example; pin yours')

const at = (name: string, variable: string) => ({ at: packagecloud(`lantern/${name}`, { token: Secret.variable(variable) }) })
const staging = new StagingRepo(app, 'staging', at('staging', 'STAGING_TOKEN'))
const stable = new PublicRepo(app, 'stable', at('stable', 'PUBLIC_TOKEN'))

const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/), describe: 'A version tag' })
const release = new Release(app, 'lantern', { routes: [{ on: tagged, staging, public: stable }] })

// The packages are those that the team's own jobs build.
for (const distribution of ['ubuntu/jammy', 'ubuntu/noble', 'debian/bookworm', 'debian/trixie', 'el/8', 'el/9', 'el/10'] as const)
  new PackageTarget(release, distribution, { build: { job: `package ${distribution.replace('/', '-')}` }, packages: 'dist/*' })

const preprod = new Deployment(release, 'staging', { environment: 'staging', script: ['scripts/deploy.sh staging'] })
new Deployment(release, 'production', { environment: 'production', script: ['scripts/deploy.sh production'], after: [preprod] })

export default app
