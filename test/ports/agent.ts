// A monitoring agent: 42 packages and archives in flavours, five images, nightly builds that go to a test repository, optional targets, tests
// in child pipelines, deployments that wait for each other, and a project of its own for the client library.
import * as sg from 'stagegate'

const image = `sg.registry.pulse.example/stagegate@sha256:${'0'.repeat(64)}`
const app = new sg.App({
  gitlab: '>=18.2',
  cli: { image },
  defaults: { tags: ['arch:amd64'] },
  default: { retry: { max: 2, when: ['runner_system_failure'] } },
})
const { tag, branch, mergeRequest, variable } = sg.Condition

const review = new sg.PipelineKind(app, 'review', { when: mergeRequest() })
const nightly = new sg.PipelineKind(app, 'nightly', {
  when: branch('main').and(variable('NIGHTLY').isSet()),
  version: { variable: 'BUILD_VERSION' },
})
const main = new sg.PipelineKind(app, 'main', { when: branch(/^(?:main|7\.\d+\.x)$/) })
const beta = new sg.PipelineKind(app, 'beta', { when: tag(/^(?<version>7\.\d+\.\d+-rc\.\d+)$/), describe: 'A release candidate' })
const final = new sg.PipelineKind(app, 'final', { when: tag(/^(?<version>7\.\d+\.\d+)$/), describe: 'A release of the agent' })
const all = [review, nightly, main, beta, final]

const cloud = (name: string, variable: string) => ({ at: sg.packagecloud(`pulse/${name}`, { token: sg.Secret.variable(variable) }) })
const testing = new sg.StagingRepo(app, 'testing', cloud('testing', 'TESTING_TOKEN'))
const [betaPackages, packages] = ['beta', 'stable'].map((name) => new sg.PublicRepo(app, `${name}-packages`, cloud(name, 'PACKAGES_TOKEN')))
const fileStaging = new sg.StagingRepo(app, 'file-staging', { at: sg.directory('/srv/testing') })
const [betaFiles, downloads] = ['beta-files', 'downloads'].map((name) => new sg.PublicRepo(app, name, { at: sg.directory(`/srv/${name}`) }))
const imageStaging = new sg.StagingRepo(app, 'image-staging', { at: sg.gitlabRegistry('registry.pulse.example/pulse/testing') })
const account = (variable: string) => ({ username: 'pulse', password: sg.Secret.variable(variable) })
const hub = new sg.PublicRepo(app, 'hub', { at: sg.registry('docker.io/pulse', account('HUB_PASSWORD')) })
const quay = new sg.PublicRepo(app, 'quay', { at: sg.registry('quay.io/pulse', account('QUAY_PASSWORD')) })

const routesTo = (staging: sg.StagingRepo, before?: sg.PublicRepo, after?: sg.PublicRepo): sg.Route[] => [
  { on: [review, main] },
  { on: nightly, staging },
  { on: beta, staging, ...(before && { public: before }) },
  { on: final, staging, ...(after && { public: after }) },
]
const routes = routesTo(testing, betaPackages, packages)
const release = new sg.Release(app, 'pulse-agent', { routes, hold: sg.Duration.days(10), approval: 'once' })

// Dependencies first, then one compilation for each architecture and flavour.
const builder = (name: string, architecture: string) => ({
  image: `registry.pulse.example/builders/${name}:v65123`,
  tags: [`arch:${architecture}`],
  variables: { KUBERNETES_MEMORY_REQUEST: '16Gi' },
})
const compiled = (name: string, architecture: string, script: string, path: string, props: Partial<sg.JobProps> = {}) => {
  const artifacts = { paths: [path], expireIn: sg.Duration.days(1) }
  return new sg.Job(app, name, { on: all, stage: 'build', ...builder('linux', architecture), script: [script], artifacts, ...props })
}
const modules = compiled('go dependencies', 'amd64', 'inv deps', 'modcache.tar.xz', {
  cache: { key: { files: ['go.sum'] }, paths: ['mod/'] },
})
const flavours = { agent: ['amd64', 'arm64'], fips: ['amd64', 'arm64'], iot: ['amd64', 'arm64', 'armhf'], dogstatsd: ['amd64', 'arm64'] }
const suites = { deb: 'any/any', rpm: 'el/9', suse: 'opensuse/15.6' } as const
for (const [flavour, architectures] of Object.entries(flavours)) {
  for (const architecture of architectures) {
    const binary = compiled(`binary: ${flavour} ${architecture}`, architecture, `inv ${flavour}.build`, 'bin/', { needs: [modules] })
    for (const [family, distribution] of Object.entries(suites))
      new sg.PackageTarget(release, `${flavour}-${family}-${architecture}`, {
        distribution,
        // No package of a small device holds up the release.
        optional: architecture === 'armhf',
        packages: `omnibus/pkg/*.${family === 'deb' ? 'deb' : 'rpm'}`,
        build: { ...builder(family, architecture), script: [`inv omnibus.package ${flavour} ${family}`], needs: [binary] },
      })
  }
}
for (const system of ['windows', 'macos', 'macos-arm64', 'heroku', 'install-script', 'oci-amd64', 'oci-arm64', 'sbom'])
  new sg.FileTarget(release, system, {
    files: 'omnibus/pkg/*',
    path: `agent/{version}/${system}`,
    routes: routesTo(fileStaging, betaFiles, downloads),
    build: { ...builder(system, 'amd64'), script: [`inv package ${system}`], needs: [modules] },
  })
const images = { agent: ['', '-jmx', '-fips'], 'cluster-agent': [''], dogstatsd: [''] }
for (const [name, suffixes] of Object.entries(images))
  for (const suffix of suffixes)
    new sg.ContainerImage(release, `${name}${suffix}`, {
      name,
      platforms: ['linux/amd64', 'linux/arm64'],
      tags: [{ version: { suffix } }, { moving: 'latest', suffix, on: final }, { moving: 'major', suffix, on: final }],
      routes: [
        { on: nightly, staging: imageStaging },
        { on: [beta, final], staging: imageStaging, public: [hub, quay.advisory] },
      ],
      build: { image: 'docker:27', services: ['docker:27-dind'], script: [`inv image ${name}${suffix}`], needs: [modules] },
    })

// Tests of every area, of each platform, and of the staged packages.
for (const area of ['core', 'network', 'process', 'security', 'logs', 'traces'])
  for (const system of ['linux-amd64', 'linux-arm64', 'windows', 'macos'])
    new sg.Job(app, `test: ${area} ${system}`, { on: all, stage: 'build', script: [`inv test ${area} ${system}`], needs: [modules] })
new sg.Job(app, 'end to end', { on: [review, main], stage: 'verify', trigger: { include: 'ci/end-to-end.yml', strategy: 'depend' } })
const kitchen = new sg.Deployment(release, 'kitchen', { trigger: { include: 'ci/kitchen.yml' } })
const deployed = (environment: string) => ({ environment, script: [`inv deploy ${environment}`] })
const canary = new sg.Deployment(release, 'canary', { on: [beta, final], ...deployed('canary'), after: [kitchen] })
new sg.Deployment(release, 'staging', { on: final, ...deployed('staging'), after: [canary] })

export default app
