// Four products in one repository, each with tags, versions and a release of its own: a node with packages and images, a rollup
// with binaries and an image, and two products of plain files.
import * as sg from 'stagegate'

const image = `sg.registry.orchard.example/stagegate@sha256:${'0'.repeat(64)}`
const app = new sg.App({ cli: { image }, defaults: { tags: ['gcp'] } })
const { tag, branch, mergeRequest, schedule } = sg.Condition

const files = {
  staging: new sg.StagingRepo(app, 'staged-files', { at: sg.directory('/srv/staging') }),
  test: new sg.PublicRepo(app, 'test-downloads', { at: sg.directory('/srv/downloads/test') }),
  public: new sg.PublicRepo(app, 'downloads', { at: sg.directory('/srv/downloads/stable') }),
}
const cloud = (name: string, variable: string) => ({ at: sg.packagecloud(`orchard/${name}`, { token: sg.Secret.variable(variable) }) })
const packages = {
  staging: new sg.StagingRepo(app, 'staged-packages', cloud('staging', 'STAGING_TOKEN')),
  test: new sg.PublicRepo(app, 'test-packages', cloud('test', 'PACKAGES_TOKEN')),
  public: new sg.PublicRepo(app, 'packages', cloud('stable', 'PACKAGES_TOKEN')),
}
const account = { username: 'orchard', password: sg.Secret.variable('HUB_PASSWORD') }
const images = {
  staging: new sg.StagingRepo(app, 'staged-images', { at: sg.gitlabRegistry('registry.orchard.example/orchard/staging') }),
  test: new sg.PublicRepo(app, 'test-images', { at: sg.registry('docker.io/orchardtest', account) }),
  public: new sg.PublicRepo(app, 'images', { at: sg.registry('docker.io/orchard', account) }),
}
type Places = typeof files | typeof packages | typeof images

// Merge requests, main and the nightly pipeline test everything. None of them stages or publishes.
const review = new sg.PipelineKind(app, 'review', { when: mergeRequest() })
const nightly = new sg.PipelineKind(app, 'nightly', { when: schedule() })
const main = new sg.PipelineKind(app, 'main', { when: branch('main') })
const areas = { node: 'src/**/*', rollup: 'rollup/**/*', gauge: 'gauge/**/*', boards: 'boards/**/*' }
for (const [area, path] of Object.entries(areas)) {
  const rules = [{ on: review, changes: [path] }, { on: [nightly, main] }]
  new sg.Job(app, `${area} lint`, { rules, stage: 'build', script: [`make -C ${area} lint`] })
  new sg.Job(app, `${area} unit`, { rules, stage: 'build', parallel: area === 'node' ? 20 : 2, script: [`make -C ${area} unit`] })
}
const systems = ['bookworm', 'trixie', 'noble', 'el9']
for (const system of systems)
  new sg.Job(app, `install on ${system}`, {
    on: nightly,
    stage: 'build',
    image: `sg.registry.orchard.example/${system}`,
    script: ['scripts/install'],
  })

/** A product: its tags, and how its beta versions and its releases go to the public. */
function product(name: keyof typeof areas, hold: sg.Duration) {
  const version = '(?<version>\\d+\\.\\d+(?:\\.\\d+)?'
  const beta = new sg.PipelineKind(app, `${name}-beta`, {
    when: tag(new RegExp(`^${name}-v${version}-(?:beta|rc)\\d+)$`)),
    describe: `A beta version or release candidate of ${name}`,
  })
  const final = new sg.PipelineKind(app, `${name}-final`, {
    when: tag(new RegExp(`^${name}-v${version})$`)),
    describe: `A release of ${name}`,
  })
  const routesTo = ({ staging, test, public: stable }: Places): sg.Route[] => [
    { on: beta, staging, public: test },
    { on: final, staging, public: stable },
  ]
  const release = new sg.Release(app, name, { routes: routesTo(files), hold })
  const builder = { image: `sg.registry.orchard.example/builders/${name}` }
  const binaries = (architectures: readonly string[]) =>
    architectures.map(
      (architecture) =>
        new sg.FileTarget(release, `binaries-${architecture}`, {
          files: `out/${architecture}/*`,
          path: `${name}/v{version}/${architecture}`,
          build: { ...builder, tags: [architecture], script: [`make -C ${name} static ARCH=${architecture}`] },
        }),
    )
  const containers = (names: readonly string[]) => {
    for (const one of names)
      new sg.ContainerImage(release, one, {
        routes: routesTo(images),
        platforms: ['linux/amd64', 'linux/arm64'],
        tags: ['version', { moving: 'latest', on: final }],
        build: { image: 'docker:27', services: ['docker:27-dind'], script: [`make -C ${name} image NAME=${one}`] },
      })
  }
  return { beta, final, release, routesTo, builder, binaries, containers }
}

// The node: everything that there is. A release is announced on a test network first.
const node = product('node', sg.Duration.days(14))
node.binaries(['x86_64', 'arm64'])
node.containers(['node', 'node-bare', 'node-debug'])
const distributions: readonly sg.Distribution[] = ['debian/bookworm', 'debian/trixie', 'ubuntu/jammy', 'ubuntu/noble', 'fedora/42', 'el/9']
for (const distribution of distributions)
  for (const architecture of distribution.startsWith('el') || distribution.startsWith('fedora') ? ['x86_64'] : ['amd64', 'arm64'])
    new sg.PackageTarget(node.release, `${distribution}-${architecture}`, {
      distribution,
      architecture,
      routes: node.routesTo(packages),
      packages: 'packages/*',
      build: { ...node.builder, script: [`scripts/packages ${distribution} ${architecture}`] },
    })
const testnet = new sg.Deployment(node.release, 'testnet', { environment: 'testnet', script: ['scripts/deploy testnet'] })
new sg.Deployment(node.release, 'mainnet', { on: node.final, environment: 'mainnet', script: ['scripts/deploy mainnet'], after: [testnet] })

const rollup = product('rollup', sg.Duration.days(7))
rollup.binaries(['x86_64', 'arm64'])
rollup.containers(['rollup'])

// Two products of plain files alone.
product('gauge', sg.Duration.days(3)).binaries(['x86_64', 'arm64'])
const boards = product('boards', sg.Duration.days(3))
new sg.FileTarget(boards.release, 'dashboards', {
  files: ['out/*.json', 'out/SHA256SUMS'],
  build: { ...boards.builder, script: ['make -C boards'] },
})

export default app
