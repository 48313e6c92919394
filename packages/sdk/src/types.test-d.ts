// Checked by tsc: each line below an @ts-expect-error must not compile. Nothing of this runs.
import {
  type Deployment,
  type DeploymentProps,
  Job,
  type PackageTarget,
  PipelineKind,
  type PublicRepo,
  packagecloud,
  Release,
  type Route,
  Secret,
  type StagingRepo,
} from './index.js'
import { smallRelease } from './testing/small-release.js'

declare const staging: StagingRepo
declare const stable: PublicRepo
declare const tagged: PipelineKind
declare const target: PackageTarget
declare const deployment: Deployment
const { app } = smallRelease()

export const routes: readonly Route[] = [
  { on: tagged },
  { on: [tagged], staging },
  { on: tagged, staging, public: stable },
  { on: tagged, staging, public: [stable, stable.advisory, { repo: stable, advisory: true }] },
  // @ts-expect-error a variable that was never set is no destination
  { on: tagged, staging, public: undefined },
  // @ts-expect-error a staging repository is not a public one
  { on: tagged, staging, public: staging },
  // @ts-expect-error a public repository is not a staging one
  { on: tagged, staging: stable },
  // @ts-expect-error what is published has been staged
  { on: tagged, public: stable },
  // @ts-expect-error references are between objects, never by name
  { on: 'release', staging },
  // @ts-expect-error an advisory destination has a repository
  { on: tagged, staging, public: { advisory: true } },
]

const remote = {
  url: 'https://ops.gitlab.example',
  project: 'acme/deployer',
  ref: 'main',
  trigger: Secret.variable('T'),
  read: Secret.variable('R'),
}
export const deployments: readonly DeploymentProps[] = [
  { remote },
  { remote: { ...remote, variables: false, inputs: { version: '$STAGEGATE_VERSION' } }, confirm: ['check'] },
  // @ts-expect-error a deployment is done one way
  { remote, script: ['x'] },
  // @ts-expect-error a token is a Secret
  { remote: { ...remote, read: 'glpat' } },
  // @ts-expect-error variables are given, or none at all
  { remote: { ...remote, variables: true } },
]

// @ts-expect-error a release has routes
new Release(app, 'x', {})
// @ts-expect-error hold is a Duration
new Release(app, 'x', { routes: [], hold: 14 })
// @ts-expect-error a condition is not a text
new PipelineKind(app, 'x', { when: '$CI_COMMIT_TAG' })
// @ts-expect-error a need is a job
new Job(app, 'x', { script: ['x'], needs: ['build'] })
// @ts-expect-error keywords have camelCase
new Job(app, 'x', { script: ['x'], before_script: ['y'] })
// @ts-expect-error manual says whether it blocks
new Job(app, 'x', { script: ['x'], manual: true })
// @ts-expect-error a credential is a Secret
packagecloud('acme/stable', { token: 'glpat' })
// @ts-expect-error a repository is user/name
packagecloud('stable', { token: Secret.variable('T') })
// A deployment stands for its job.
new Job(app, 'x', { script: ['x'], needs: [deployment] })
new Job(app, 'x', {
  script: ['x'],
  needs: [deployment.job, target.jobs.build, { job: target.jobs.stage, optional: true }, { name: 'included' }],
})
// @ts-expect-error nobody outside records an issue
app.report({ code: 'structure/no-script', job: 'x' })
