import {
  App,
  type AppProps,
  Condition,
  Deployment,
  Duration,
  type Issue,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  type ReleaseProps,
  Secret,
  StagingRepo,
} from '../index.js'

/** What a pinned app is given, so that it has no warnings. */
export const pinned: AppProps = { cli: { image: `node@sha256:${'0'.repeat(64)}`, sha256: 'a'.repeat(64) } }

/** A release of tags such as v1.2.3 without a target yet: staged and published on packagecloud. */
export function emptyRelease(props: AppProps = pinned, releaseProps: Partial<ReleaseProps> = {}) {
  const app = new App(props)
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
  const staging = new StagingRepo(app, 'staging', { at: packagecloud('acme/staging', { token: Secret.variable('STAGING_TOKEN') }) })
  const stable = new PublicRepo(app, 'stable', { at: packagecloud('acme/stable', { token: Secret.variable('PUBLIC_TOKEN') }) })
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }], hold: Duration.days(14), ...releaseProps })
  return { app, tagged, staging, stable, release }
}

/** The three-target release of the design, with its two deployments. */
export function smallRelease(props: AppProps = pinned) {
  const base = emptyRelease(props)
  const { release } = base
  const targets = (['ubuntu/jammy', 'debian/bookworm', 'el/9'] as const).map(
    (distro) =>
      new PackageTarget(release, distro, { build: { image: `builders/${distro}`, script: ['make package'] }, packages: 'dist/*' }),
  )
  const preprod = new Deployment(release, 'staging', { trigger: { project: 'acme/deployer' } })
  const production = new Deployment(release, 'production', { trigger: { project: 'acme/deployer' }, after: [preprod] })
  return { ...base, targets, preprod, production }
}

/** An app with one kind, `main`, for jobs of one's own. */
export function branchApp(props: AppProps = {}) {
  const app = new App(props)
  return { app, main: new PipelineKind(app, 'main', { when: Condition.branch('main') }) }
}

/** The issues of an app, one line each: code, path, line. */
export function issuesOf(app: App): readonly (readonly [code: Issue['code'], path: string, line: number | undefined])[] {
  return app.synth().issues.map(({ code, path, source }) => [code, path, source?.line])
}

/** The line of the test that this is called in, for issues that should name it; `offset` lines further. */
export function here(offset = 0): number {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, here)
  return Number(/:(\d+):\d+\)?$/m.exec(holder.stack ?? '')?.[1]) + offset
}
