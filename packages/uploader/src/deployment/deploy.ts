import {
  checkReleaseManifest,
  type DeploymentRecord,
  digestOf,
  type Origin,
  type PlannedDeployment,
  type ReleaseManifest,
  StagegateError,
  UsageError,
} from '@stagegate/schema'
import { expectOptions, limitsWith } from '../contract/options.js'
import type { ExitCode } from '../exit-code.js'
import { admit } from '../gate/gate.js'
import type { Network } from '../http/network.js'
import type { Notes } from '../records/notes.js'
import type { RecordStore } from '../records/record-store.js'
import { follow, isOver } from './follow.js'
import { type DeployEvent, DeploymentJournal } from './journal.js'
import { deploymentName, keyOf } from './key.js'
import { type DeployLimits, defaultDeployLimits } from './limits.js'
import { DeploymentLog } from './log.js'
import { ProjectPipelines } from './pipelines.js'
import { isFinal, type StartDecision, StartOnce } from './start-once.js'

/** The options of `deploy`. */
export interface DeployOptions {
  /** The deployment as it is planned: a pipeline of another GitLab. */
  readonly deployment: PlannedDeployment
  /** The job that deploys. */
  readonly origin: Origin
  /** How the other GitLab is reached. */
  readonly environment: Network
  /** Where the start is recorded: the same place for every job that could repeat this one. */
  readonly notes: Notes
  /** Where seals are recorded; with it, a manifest that was changed after sealing is refused. */
  readonly records?: RecordStore | undefined
  /** Waits for the end of the pipeline. @default false */
  readonly wait?: boolean | undefined
  /** How long, in milliseconds. @default the planned time */
  readonly timeout?: number | undefined
  /** The operator's decision after checking. */
  readonly decision?: StartDecision | undefined
  /** Numbers from 0 to below 1, for the jitter of waits. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Its errors are ignored, and the rejections of an async one. */
  readonly onEvent?: ((event: DeployEvent) => void) | undefined
  /** Stops waiting; running it again goes on. */
  readonly signal?: AbortSignal | undefined
  /** These replace the defaults. @default a minute for a call, two to thirty seconds between looks */
  readonly limits?: Partial<DeployLimits> | undefined
}

/**
 * Deploys a sealed release with a pipeline of another GitLab. The pipeline is started once, however often and by however many jobs this is
 * called. Resolves with what is known about the pipeline, whether it has ended or not.
 *
 * @throws {DocumentError} an invalid manifest
 * @throws {UsageError} a deployment that is not on another GitLab, or not of this kind; a missing credential; a decision that does not fit
 * @throws {GateError} as `publish` does, for a manifest of another pipeline, changed, not recorded or past its hold; or a person must look:
 *   it is unknown whether the pipeline was started, or GitLab refuses
 */
export async function deploy(given: ReleaseManifest, options: DeployOptions): Promise<DeploymentRecord> {
  const { deployment, origin, environment, notes, records, decision, random = Math.random } = options
  expectOptions(options, 'origin')
  const manifest = checkReleaseManifest(given)
  const { clock } = environment
  const signal = options.signal ?? new AbortController().signal
  const limits = limitsWith(defaultDeployLimits, options.limits)
  const { id } = deployment
  const remote = remoteOf(deployment, origin.pipelineKind)
  await admit(manifest, { origin, now: clock.now(), records })

  const journal = new DeploymentJournal(
    {
      apiVersion: 'stagegate/v1',
      kind: 'DeploymentRecord',
      origin,
      manifest: digestOf(manifest),
      release: manifest.release,
      deployment: id,
      url: remote.url,
      project: remote.project,
      ref: remote.ref,
      key: keyOf(manifest, id, 1),
      startedAt: clock.now(),
    },
    options.onEvent,
  )
  const ports = { pipelines: new ProjectPipelines(remote, environment), journal, clock, random, signal, limits }
  const log = new DeploymentLog(notes, deploymentName(manifest, id))
  try {
    const pipeline = await new StartOnce({ ...ports, manifest, deployment: id, remote, origin, log, decision }).pipeline()
    if (options.wait === true) await follow(pipeline, { ...ports, timeout: options.timeout ?? remote.wait * 1000 })
  } catch (error) {
    if (isFinal(error) || !signal.aborted) throw error
    throw new StagegateError({
      code: 'deployment/stopped',
      where: `the deployment ${id}`,
      what: 'it was stopped before it knew its pipeline',
      next: 'Run it again: it finds out whether the pipeline was started.',
      cause: error,
    })
  }
  return journal.record
}

function remoteOf({ id, remote, kinds }: PlannedDeployment, kind: string): NonNullable<PlannedDeployment['remote']> {
  if (remote !== undefined && kinds.includes(kind)) return remote
  throw new UsageError({
    code: 'usage/deployment',
    where: `the deployment ${id}`,
    what: remote === undefined ? 'it is not a deployment by a pipeline of another GitLab' : `it does not exist in the kind ${kind}`,
    next: 'Run the job that deploys it instead, or change pipeline.ts and synth again.',
  })
}

/** `4` if it was waited for and has not ended: running it again goes on waiting. */
export function deployExitCode(record: DeploymentRecord, waited: boolean): ExitCode {
  if (isOver(record)) return record.pipeline?.status === 'success' ? 0 : 3
  return waited ? 4 : 0
}
