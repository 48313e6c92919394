import type { Distribution, Route } from 'stagegate'
import {
  App,
  Condition,
  ContainerImage,
  Deployment,
  Duration,
  gitlabRegistry,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  registry,
  Secret,
  StagingRepo,
} from 'stagegate'

const image = `registry.acme.example/stagegate@sha256:${'0'.repeat(64)}`
const app = new App({ cli: { image, pin: false }, defaults: { tags: ['promotion'] } })
app.accept('isolation/command-not-pinned', 'in this repository the command changes with every commit')
app.accept('structure/install', 'in this repository the lock file is that of the whole workspace')
const { tag, branch, variable } = Condition

// Kinds: order is precedence. What differs between editions is a variable of the kind.
const ee = { EDITION: 'ee' }
const ce = { EDITION: 'ce' }
const nightly = variable('NIGHTLY').isSet()
const version = { variable: 'BUILD_VERSION' }
const eeNightly = new PipelineKind(app, 'ee-nightly', { when: nightly.and(branch(/-ee$/)), version, variables: ee })
const eeBranch = new PipelineKind(app, 'ee-branch', { when: branch(/-ee$/), variables: ee })
const ceNightly = new PipelineKind(app, 'ce-nightly', { when: nightly.and(branch(/./)), version, variables: ce })
const ceBranch = new PipelineKind(app, 'ce-branch', { when: branch(/./), variables: ce })
const autoDeploy = new PipelineKind(app, 'auto-deploy', { when: tag(/^(?<version>\d+\.\d+\.\d+\+[^ ]{7,}\.[^ ]{7,})$/), variables: ee })
const eeRc = new PipelineKind(app, 'ee-rc', {
  when: tag(/^(?<version>\d+\.\d+\.\d+\+rc\d+\.ee\.\d+)$/),
  variables: ee,
  describe: 'A release candidate',
})
const ceRc = new PipelineKind(app, 'ce-rc', {
  when: tag(/^(?<version>\d+\.\d+\.\d+\+rc\d+\.ce\.\d+)$/),
  variables: ce,
  describe: 'A release candidate',
})
const eeTag = new PipelineKind(app, 'ee-tag', { when: tag(/^(?<version>\d+\.\d+\.\d+\+ee\.\d+)$/), variables: ee, describe: 'A release' })
const ceTag = new PipelineKind(app, 'ce-tag', { when: tag(/^(?<version>\d+\.\d+\.\d+\+ce\.\d+)$/), variables: ce, describe: 'A release' })
const tags = [eeRc, ceRc, eeTag, ceTag]

const url = 'https://packages.acme.example'
const private_ = (name: string) => ({ at: packagecloud(`acme/${name}`, { url, token: Secret.variable('STAGING_TOKEN') }) })
const open = (name: string) =>
  new PublicRepo(app, name, { at: packagecloud(`acme/${name}`, { url, token: Secret.variable('PUBLIC_TOKEN') }) })
const staging = new StagingRepo(app, 'pre-release', private_('pre-release'))
const nightlies = new StagingRepo(app, 'nightly-builds', private_('nightly-builds'))
const [unstable, eeStable, ceStable, fips, rpi] = [open('unstable'), open('ee'), open('ce'), open('fips'), open('raspberry-pi2')]

// How far each kind takes the release.
const ceRoutes = (stable: PublicRepo): Route[] => [
  { on: ceBranch },
  { on: ceNightly, staging: nightlies },
  { on: ceRc, staging, public: unstable },
  { on: ceTag, staging, public: stable },
]
const eeRoutes = (stable: PublicRepo): Route[] => [
  { on: eeBranch },
  { on: eeNightly, staging: nightlies },
  { on: autoDeploy, staging },
  { on: eeRc, staging, public: unstable },
  { on: eeTag, staging, public: stable },
]
const release = new Release(app, 'omnibus', { routes: [...ceRoutes(ceStable), ...eeRoutes(eeStable)], hold: Duration.days(14) })

// What every build starts from.
const everywhere = [eeNightly, eeBranch, ceNightly, ceBranch, autoDeploy, ...tags]
const assets = new Job(app, 'fetch-assets', { on: everywhere, script: ['support/fetch-assets'], artifacts: { paths: ['assets/'] } })
const facts = new Job(app, 'generate-facts', {
  on: everywhere,
  script: ['bundle exec rake build:facts'],
  artifacts: { paths: ['build_facts/'] },
})
const build = (builder: string, arch: string, variables?: Readonly<Record<string, string>>) => ({
  image: `registry.acme.example/builders/${builder}`,
  script: ['bundle exec rake release:package'],
  needs: [assets, facts],
  tags: ['distribution-runner', arch],
  variables,
  keep: Duration.days(1),
})

// One line per distribution. `also`: the same file goes to a second distribution.
const distributions: [id: string, distribution: Distribution, variants?: { fips?: true; also?: Distribution[] }][] = [
  ['Ubuntu-22.04', 'ubuntu/jammy', { fips: true }],
  ['Ubuntu-24.04', 'ubuntu/noble'],
  ['Ubuntu-26.04', 'ubuntu/resolute'],
  ['Debian-11', 'debian/bullseye'],
  ['Debian-12', 'debian/bookworm'],
  ['Debian-13', 'debian/trixie'],
  ['AlmaLinux-8', 'el/8', { fips: true, also: ['ol/8'] }],
  ['AlmaLinux-9', 'el/9', { fips: true, also: ['ol/9'] }],
  ['AlmaLinux-10', 'el/10', { also: ['ol/10'] }],
  ['OpenSUSE-15.6', 'opensuse/15.6', { also: ['sles/15.6'] }],
  ['AmazonLinux-2023', 'amazon/2023', { fips: true }],
]
const targets = new Map<string, PackageTarget>()
for (const [id, distribution, { fips: hasFips, also } = {}] of distributions) {
  const common = { distribution, also, packages: 'pkg/*/*.{deb,rpm}' }
  targets.set(id, new PackageTarget(release, id, { ...common, architecture: 'amd64', build: build(id, 'amd64') }))
  targets.set(
    `${id}-arm64`,
    new PackageTarget(release, `${id}-arm64`, { ...common, architecture: 'arm64', build: build(`${id}_arm64`, 'arm64') }),
  )
  if (!hasFips) continue
  const fipsBuild = build(`${id}_fips`, 'amd64', { USE_SYSTEM_SSL: 'true' })
  new PackageTarget(release, `${id}-fips`, { ...common, architecture: 'amd64', routes: eeRoutes(fips), build: fipsBuild })
}
// Slow and optional: the release does not wait for them.
for (const codename of ['bullseye', 'bookworm']) {
  new PackageTarget(release, `Raspberry-Pi-2-${codename}`, {
    distribution: `raspbian/${codename}`,
    architecture: 'armhf',
    packages: 'pkg/*/*.deb',
    optional: true,
    routes: [{ on: [ceRc, ceTag], staging, public: rpi }],
    build: build('rpi', 'armhf'),
  })
}

// Images: one an edition, of both platforms, from the Ubuntu packages of the same pipeline. A patch of an older line leaves `latest` alone.
const ubuntu = ['Ubuntu-24.04', 'Ubuntu-24.04-arm64'].flatMap((id) => targets.get(id) ?? [])
const docker = { image: 'docker:27', tags: ['docker-runner'] }
const parts = ubuntu.map(({ label, jobs }) => {
  const needs = [{ job: jobs.build, artifacts: false }]
  return new Job(app, `Docker: [${label}]`, { ...docker, on: tags, script: ['bundle exec rake docker:build:image'], needs })
})
const dockerHub = { username: Secret.variable('DOCKERHUB_USERNAME'), password: Secret.variable('DOCKERHUB_PASSWORD') }
const archive = { username: 'archive', password: Secret.variable('ARCHIVE_PASSWORD') }
const stagedImages = new StagingRepo(app, 'image-staging', { at: gitlabRegistry('registry.acme.example/omnibus') })
const hub = new PublicRepo(app, 'docker-hub', { at: registry('docker.io/acme', dockerHub) })
const archived = new PublicRepo(app, 'image-archive', { at: registry('archive.acme.example/acme', archive) })
for (const [edition, rc, final] of [
  ['ee', eeRc, eeTag],
  ['ce', ceRc, ceTag],
] as const) {
  new ContainerImage(release, `omnibus-${edition}`, {
    routes: [{ on: [rc, final], staging: stagedImages, public: [hub, archived.advisory] }],
    build: { ...docker, script: ['bundle exec rake docker:combine_images'], needs: parts.map((job) => ({ job, artifacts: false })) },
    platforms: ['linux/amd64', 'linux/arm64'],
    tags: ['version', { moving: 'rc' }, { moving: 'latest', on: final }],
  })
}

// Before the release: install every staged package, then deploy.
const functionality = new Deployment(release, 'staging-check', { on: tags, trigger: { include: 'ci/check-packages.yml' } })
new Deployment(release, 'rc-deploy', {
  on: eeRc,
  after: [functionality],
  image: 'alpine:3.22',
  script: ['support/deployer-trigger'],
  secrets: [Secret.variable('DEPLOYER_TRIGGER_TOKEN')],
})

// After the release: install what users get.
new Job(app, 'check-availability', {
  on: tags,
  stage: 'verify',
  needs: release.targets.flatMap(({ optional, jobs }) => (optional ? [] : [{ job: jobs.publish, artifacts: false, optional: true }])),
  variables: { FROM: 'public' },
  trigger: { include: 'ci/check-packages.yml', strategy: 'depend' },
})

// Outside the gate, as today.
const [amd64] = ubuntu
for (const edition of ['AWS', 'AWS-ARM64', 'AWS-Ultimate', 'AWS-Premium']) {
  new Job(app, edition, {
    on: edition.startsWith('AWS-U') || edition.startsWith('AWS-P') ? eeTag : [eeTag, ceTag],
    stage: 'publish',
    manual: 'blocking',
    needs: amd64 === undefined ? [] : [amd64.jobs.build],
    script: ['support/packer/packer_ami.sh'],
    exempt: { publishes: 'AMI', because: 'AMIs are built from the package on AWS itself; the review of the marketplace is their gate' },
  })
}

export default app
