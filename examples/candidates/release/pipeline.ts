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
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  type Route,
  registry,
  Secret,
  StagingRepo,
} from 'stagegate'

const app = new App({ root: '..', output: 'ci/release.yml', workflow: 'theirs', cli: { pin: false } })
app.accept('isolation/command-not-pinned', 'in this repository the command changes with every commit')
app.accept('structure/install', 'in this repository the workspace installs the command')
app.accept('isolation/image-not-pinned', 'an example; pin yours')
app.accept('gate/undeclared', 'the site of the documentation is public at once', { job: 'pages' })

// Each respin of a version is a candidate with a tag and packages of its own: v2.4.0-rc1, v2.4.0-rc2. Testers get it from the test repositories.
const { tag } = Condition
const candidate = new PipelineKind(app, 'candidate', { when: tag(/^v(?<version>\d+\.\d+\.\d+-rc\d+)$/), describe: 'A release candidate' })
const final = new PipelineKind(app, 'final', { when: tag(/^v(?<version>\d+\.\d+\.\d+)$/), describe: 'A release' })

const cloud = (name: string, variable: string) => ({ at: packagecloud(`skipper/${name}`, { token: Secret.variable(variable) }) })
const share = (name: string) => ({ at: directory(`/srv/skipper/${name}`) })
const hub = (name: string) => ({
  at: registry(`docker.io/${name}`, { username: Secret.variable('HUB_USERNAME'), password: Secret.variable('HUB_PASSWORD') }),
})
const packages = {
  staging: new StagingRepo(app, 'staged-packages', cloud('staged', 'STAGING_TOKEN')),
  testing: new PublicRepo(app, 'testing', cloud('testing', 'PUBLIC_TOKEN')),
  stable: new PublicRepo(app, 'stable', cloud('stable', 'PUBLIC_TOKEN')),
}
const files = {
  staging: new StagingRepo(app, 'staged-files', share('staged')),
  testing: new PublicRepo(app, 'test-downloads', share('testing')),
  stable: new PublicRepo(app, 'downloads', share('downloads')),
}
const images = {
  staging: new StagingRepo(app, 'staged-images', { at: gitlabRegistry('registry.skipper.example/skipper/staged') }),
  testing: new PublicRepo(app, 'test-images', hub('skippertesting')),
  stable: new PublicRepo(app, 'images', hub('skipper')),
}
const routesTo = ({ staging, testing, stable }: typeof packages): Route[] => [
  { on: candidate, staging, public: testing },
  { on: final, staging, public: stable },
]
const release = new Release(app, 'skipper', { routes: routesTo(packages), hold: Duration.days(21) })

// The packages are those of the team's own jobs. One file serves a whole family of distributions.
const families: Readonly<Record<string, readonly [Distribution, ...Distribution[]]>> = {
  deb: ['debian/trixie', 'debian/bookworm', 'ubuntu/noble', 'ubuntu/jammy'],
  rpm: ['el/9', 'el/10', 'fedora/43'],
}
for (const [family, [distribution, ...also]] of Object.entries(families))
  for (const architecture of ['amd64', 'arm64'])
    new PackageTarget(release, `${family}-${architecture}`, {
      distribution,
      also,
      packages: `dist/*.${family}`,
      versions: 'must-match',
      build: { job: `package ${family} ${architecture}` },
    })
// No repository here has an index for Alpine's packages, so they are plain files beside the tarball.
for (const architecture of ['amd64', 'arm64'])
  new FileTarget(release, `apk-${architecture}`, {
    files: 'dist/*.apk',
    path: `{version}/alpine/${architecture}`,
    routes: routesTo(files),
    build: { job: `package apk ${architecture}` },
  })
new FileTarget(release, 'source', { files: 'dist/*', path: '{version}', routes: routesTo(files), build: { job: 'source tarball' } })

// Flavours are targets of one image name. The plain one is the server's.
const packaged = ['package deb amd64', 'package deb arm64'].map((name) => ({ name }))
for (const flavour of ['', '-agent', '-agent-debug'])
  new ContainerImage(release, `image${flavour}`, {
    name: 'skipper',
    platforms: ['linux/amd64', 'linux/arm64'],
    tags: [
      { version: { suffix: flavour } },
      { moving: 'latest', suffix: flavour, on: final },
      { moving: 'rc', suffix: flavour, on: candidate },
    ],
    routes: routesTo(images),
    build: new Job(app, `build image${flavour}`, {
      on: [candidate, final],
      stage: 'package',
      image: 'docker:27',
      services: ['docker:27-dind'],
      script: [`rake image FLAVOUR="${flavour}"`],
      needs: packaged,
    }),
  })

// What is released was installed from staging, and has run the demonstration site for a while.
const installed = new Deployment(release, 'installation', { environment: 'installation', script: ['tools/install-from-staging.sh'] })
new Deployment(release, 'demo', { on: final, environment: 'demo', script: ['ansible-playbook demo.yml'], after: [installed] })

export default app
