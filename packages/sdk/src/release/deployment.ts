import { Construct } from '../construct.js'
import { checked, flag, isRecord, type Keyword, text } from '../form/keyword.js'
import { fields, list, oneOrMany, script } from '../form/keyword-forms.js'
import { anything, instanceOf, neverUndefined, secret } from '../form/props.js'
import { factsOf, Job } from '../job/job.js'
import { pipelineKind } from '../keyword/rules.js'
import { many, type OneOrMany, type PipelineKind } from '../kind.js'
import type { Secret } from '../secret.js'
import { madeAt } from '../source-location.js'
import { confirmJob } from './jobs/confirm.js'
import { deployJob } from './jobs/deploy.js'
import type { Release } from './release.js'
import { isSoundRemote, type RemoteProps } from './remote.js'
import { expectRelease } from './scope.js'

interface DeploymentCommon {
  /** @default the kinds that publish something */
  readonly on?: OneOrMany<PipelineKind>
  /** Deployments that must succeed first. */
  readonly after?: readonly Deployment[]
  /** GitLab's environment. @default none */
  readonly environment?: string | undefined
  /** A script that checks what the deployment really runs; jobs that wait for the deployment also wait for it. @default none */
  readonly confirm?: readonly string[] | undefined
  /** Whether publishing waits for it. @default true */
  readonly gates?: boolean | undefined
}

/** Another project's pipeline, or a child pipeline; the job waits for its end. */
export interface TriggerDeployment extends DeploymentCommon {
  readonly trigger:
    | { readonly project: string; readonly branch?: string | undefined; readonly inputs?: Readonly<Record<string, string>> | undefined }
    | { readonly include: string }
  readonly script?: never
  readonly remote?: never
}

/** The author's script. It finds the sealed manifest and the command in `.stagegate/`. */
export interface ScriptDeployment extends DeploymentCommon {
  readonly script: readonly string[]
  /** @default the image of the other jobs */
  readonly image?: string | undefined
  readonly variables?: Readonly<Record<string, string>> | undefined
  readonly secrets?: readonly Secret[] | undefined
  readonly trigger?: never
  readonly remote?: never
}

/** A pipeline of another GitLab instance. It is started once, even if the job is retried, and the job waits for its end. */
export interface RemoteDeployment extends DeploymentCommon {
  readonly remote: RemoteProps
  readonly script?: never
  readonly trigger?: never
}

export type DeploymentProps = TriggerDeployment | ScriptDeployment | RemoteDeployment

/** A place that runs the staged release before the public sees it. */
export class Deployment extends Construct {
  readonly release: Release
  readonly props: DeploymentProps
  /** The pipeline elsewhere, if the deployment has one and it has no errors. */
  readonly remote: RemoteProps | undefined
  readonly job: Job
  /** The job that others wait for: the confirming job if there is one. */
  readonly gate: Job

  constructor(scope: Release, id: string, props: DeploymentProps) {
    expectRelease(scope, new.target, id)
    super(scope, id, new.target)
    this.checkProps<object>(props, formOf(props))
    this.release = scope
    scope.add(this)
    this.props = props
    const { confirm, remote } = props
    if (remote !== undefined && isSoundRemote(remote, (problem) => this.report(factsOf(id, problem))))
      this.remote = { ...remote, url: remote.url.replace(/\/+$/, '') }
    this.job = madeAt(this.source, () => new Job(this, 'deploy', deployJob(this)))
    this.gate = confirm === undefined ? this.job : madeAt(this.source, () => new Job(this, 'confirm', confirmJob(this, confirm)))
  }

  get gates(): boolean {
    return this.props.gates ?? true
  }

  isIn(kind: PipelineKind): boolean {
    return this.props.on === undefined ? this.release.publishesIn(kind) : many(this.props.on).includes(kind)
  }
}

const deployment: Keyword<Deployment> = { render: (value, at, report) => instanceOf(Deployment).render(value, at, report) }
const common = {
  on: neverUndefined(oneOrMany(pipelineKind)),
  after: neverUndefined(list(deployment)),
  environment: text,
  confirm: script,
  gates: flag,
}
// The keywords of the job, and the pipeline elsewhere, are checked when they are rendered.
const ofScript = fields<object>({
  ...common,
  remote: neverUndefined(checked({ expected: 'a project of another GitLab', fits: isRecord }, () => null)),
  trigger: anything,
  script: anything,
  image: anything,
  variables: anything,
  secrets: list(secret),
})
const ofRemote = fields<object>({ ...common, remote: anything })

function formOf(props: unknown): Keyword<object> {
  return isRecord(props) && props['remote'] !== undefined ? ofRemote : ofScript
}
