// A runner for jobs: packages of two families for four architectures, binaries, and images in flavours. Changes of documents alone
// build nothing, and the nightly pipeline goes to a repository of its own.
import {
  App,
  Condition,
  ContainerImage,
  Deployment,
  type Distribution,
  Duration,
  directory,
  FileTarget,
  gitlabRegistry,
  Job,
  type JobProps,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  registry,
  Secret,
  StagingRepo,
} from 'stagegate'

const image = `registry.courier.example/stagegate@sha256:${'0'.repeat(64)}`
const app = new App({ cli: { image }, defaults: { tags: ['release'] } })
const { tag, branch, mergeRequest } = Condition

const review = new PipelineKind(app, 'review', { when: mergeRequest() })
const edge = new PipelineKind(app, 'edge', { when: branch('main') })
const candidate = new PipelineKind(app, 'candidate', { when: tag(/^v(?<version>\d+\.\d+\.\d+-rc\d+)$/), describe: 'A release candidate' })
const stable = new PipelineKind(app, 'stable', { when: tag(/^v(?<version>\d+\.\d+\.\d+)$/), describe: 'A release' })
const released = [candidate, stable]

const cloud = (name: string, variable: string) => ({ at: packagecloud(`courier/${name}`, { token: Secret.variable(variable) }) })
const stagedPackages = new StagingRepo(app, 'staged-packages', cloud('staging', 'STAGING_TOKEN'))
const unstablePackages = new PublicRepo(app, 'unstable-packages', cloud('unstable', 'PACKAGES_TOKEN'))
const packages = new PublicRepo(app, 'packages', cloud('stable', 'PACKAGES_TOKEN'))
const stagedFiles = new StagingRepo(app, 'staged-files', { at: directory('/srv/staging/courier') })
const downloads = new PublicRepo(app, 'downloads', { at: directory('/srv/downloads/courier') })
const stagedImages = new StagingRepo(app, 'staged-images', { at: gitlabRegistry('registry.courier.example/courier/staging') })
const hubAccount = { username: Secret.variable('HUB_USERNAME'), password: Secret.variable('HUB_PASSWORD') }
const mirrorAccount = { username: 'mirror', password: Secret.variable('MIRROR_PASSWORD') }
const hub = new PublicRepo(app, 'hub', { at: registry('docker.io/courier', hubAccount) })
const mirror = new PublicRepo(app, 'mirror', { at: registry('mirror.courier.example/courier', mirrorAccount) })

const release = new Release(app, 'courier', {
  routes: [
    { on: [review, edge] },
    { on: candidate, staging: stagedPackages, public: unstablePackages },
    { on: stable, staging: stagedPackages, public: packages },
  ],
  hold: Duration.days(7),
})

// A merge request of documents alone builds nothing: every job that builds has the same rules, so that none waits for one that is not there.
const sources = ['**/*.go', 'go.{mod,sum}', 'packaging/**/*', 'images/**/*']
const rules = [{ on: review, changes: sources }, { on: [edge, ...released] }]
const docker = { image: 'docker:27', services: ['docker:27-dind'] }
const built = (name: string, script: string, props: Partial<JobProps> = {}) =>
  new Job(app, name, { stage: 'build', rules, script: [script], ...props })

const compiled = built('binaries', 'make binaries', {
  image: 'golang:1.26',
  cache: { key: { files: ['go.sum'] }, paths: ['.go/'] },
  artifacts: { paths: ['out/binaries/'] },
})
const helpers = built('helper images', 'make helper-images', { ...docker, needs: [compiled], artifacts: { paths: ['out/helper-images/'] } })
built('unit tests', 'make test', { image: 'golang:1.26', parallel: 8 })
new Job(app, 'lint', { on: [review, edge, ...released], script: ['make lint'], needs: [] })

// One repository takes the packages of a whole family: each file goes to the first distribution and to all the others.
const families: Readonly<Record<'deb' | 'rpm', readonly [Distribution, ...Distribution[]]>> = {
  deb: ['debian/bookworm', 'debian/trixie', 'ubuntu/jammy', 'ubuntu/noble', 'raspbian/bookworm', 'linuxmint/wilma'],
  rpm: ['el/8', 'el/9', 'el/10', 'fedora/43', 'amazon/2023', 'opensuse/15.6', 'sles/15.6', 'ol/9'],
}
const architectures = { deb: ['amd64', 'arm64', 'armhf', 's390x'], rpm: ['x86_64', 'aarch64', 'armv7hl', 's390x'] }
for (const family of ['deb', 'rpm'] as const) {
  const [distribution, ...also] = families[family]
  for (const architecture of architectures[family])
    new PackageTarget(release, `${family}-${architecture}`, {
      distribution,
      also,
      architecture,
      versions: 'must-match',
      packages: `out/${family}/*.${family}`,
      build: built(`package ${family} ${architecture}`, `make package-${family} ARCH=${architecture}`, {
        image: 'registry.courier.example/packagers/fpm',
        needs: [compiled],
        artifacts: { paths: [`out/${family}/`] },
      }),
    })
}

new FileTarget(release, 'binaries', {
  files: ['out/release/*'],
  path: 'v{version}',
  routes: [{ on: released, staging: stagedFiles, public: downloads }],
  build: { script: ['make release-files'], needs: [compiled, helpers] },
})

// Images: a name, and a target for each flavour of it.
const imageRoutes = [{ on: released, staging: stagedImages, public: [hub, mirror.advisory] }]
for (const flavour of ['alpine', 'ubuntu', 'ubi-fips'])
  for (const name of ['courier', 'courier-helper'])
    new ContainerImage(release, `${name}-${flavour}`, {
      name,
      routes: imageRoutes,
      platforms: flavour === 'ubi-fips' ? ['linux/amd64'] : ['linux/amd64', 'linux/arm64', 'linux/s390x'],
      tags: [{ version: { prefix: `${flavour}-v` } }, { moving: 'latest', prefix: `${flavour}-`, on: stable }],
      build: { ...docker, script: [`make image NAME=${name} FLAVOUR=${flavour}`], needs: [helpers] },
    })

const canary = new Deployment(release, 'canary', { on: stable, environment: 'canary', script: ['scripts/deploy canary'] })
new Deployment(release, 'fleet', { on: stable, environment: 'fleet', script: ['scripts/deploy fleet'], after: [canary] })

export default app
