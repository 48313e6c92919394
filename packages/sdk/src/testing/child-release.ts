import {
  App,
  type AppProps,
  Condition,
  Deployment,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  Secret,
  StagingRepo,
  sentenceOf,
} from '../index.js'
import { pinned } from './small-release.js'

/** A pipeline of a team’s own, one job of which starts a release as its child. */
export const theirs = `stages: [build, test, release]
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_TAG
    - if: $CI_COMMIT_BRANCH
unit: {stage: test, script: [make test]}
package-deb: {stage: build, script: [make deb], artifacts: {paths: [dist/]}}
release:
  stage: release
  needs: [package-deb]
  variables: {PARENT_PIPELINE_ID: $CI_PIPELINE_ID}
  trigger: {include: ci/release.yml, strategy: depend}
  rules: [{if: '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+$/'}]
`

export function childRelease(props: AppProps = {}) {
  return releaseWith({ startedBy: { job: 'release' }, ...props })
}

/** A release of the package that a job of the team’s own pipeline builds. */
export function releaseWith(props: AppProps) {
  const app = new App({ ...pinned, output: 'ci/release.yml', ...props })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+)$/), variables: { EDITION: 'ee' } })
  const staging = new StagingRepo(app, 'staging', { at: packagecloud('acme/staging', { token: Secret.variable('STAGING_TOKEN') }) })
  const stable = new PublicRepo(app, 'stable', { at: packagecloud('acme/stable', { token: Secret.variable('PUBLIC_TOKEN') }) })
  const made = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
  new PackageTarget(made, 'ubuntu/jammy', { build: { job: 'package-deb' }, packages: 'dist/*.deb' })
  new Deployment(made, 'production', { script: ['./deploy'], environment: 'production' })
  return { app, tagged, made, staging, stable }
}

export const reading =
  (root: string, files: Readonly<Record<string, string>> = {}) =>
  (path: string) =>
    path === '.gitlab-ci.yml' ? root : files[path]

/** The issues of the release that is started by this root file. */
export function told(
  root: string,
  { app = childRelease().app, files = {} }: { readonly app?: App; readonly files?: Readonly<Record<string, string>> } = {},
) {
  const { issues } = app.synth({ readLocal: reading(root, files) })
  return issues.map((issue) => `${issue.severity} ${issue.code}: ${sentenceOf(issue)}`)
}
