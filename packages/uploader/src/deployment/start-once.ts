import { randomBytes } from 'node:crypto'
import {
  GateError,
  type Instant,
  later,
  type Origin,
  type PlannedRemote,
  type ReleaseManifest,
  StagegateError,
  UsageError,
} from '@stagegate/schema'
import { askWithin, causeOf } from '../contract/call.js'
import type { Call } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import { problemOf } from '../contract/problem.js'
import { PutOff } from '../contract/put-off.js'
import { isFinal as isRefusal } from '../contract/refusal.js'
import type { DeploymentJournal, PipelineKnownBy } from './journal.js'
import { filledIn, keyOf } from './key.js'
import { type DeployLimits, pause } from './limits.js'
import type { DeploymentLog, Progress, Step } from './log.js'
import type { ProjectPipelines, Started } from './pipelines.js'
import { givenTo, misfit, visibleMisfits } from './proof.js'
import { mismatch, undecided } from './refusals.js'

/** The operator's decision after checking. Idempotent. */
export type StartDecision =
  /** This is the pipeline of the deployment. */
  | { readonly resume: number }
  /** Start it for the second, third, … time. */
  | { readonly startAgain: number }

export interface StartPorts {
  readonly manifest: ReleaseManifest
  readonly deployment: string
  readonly remote: PlannedRemote
  readonly origin: Origin
  readonly pipelines: ProjectPipelines
  readonly log: DeploymentLog
  readonly journal: DeploymentJournal
  readonly decision: StartDecision | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly signal: AbortSignal
  readonly limits: DeployLimits
}

/** How often others may get in between. */
const mostRounds = 50

/**
 * The pipeline of a deployment: the one that was started before, or one that is started now.
 *
 * Before GitLab is asked to start one, the beginning is recorded. A job that finds a beginning without a result (the process was killed,
 * the answer was lost, another job is working on it) starts nothing. It looks for a pipeline with the name of that start, and if there is
 * none, a person must look. "Not found" proves nothing: GitLab may still be creating it, and only projects that name their pipelines by the
 * key show it.
 */
export class StartOnce {
  readonly #ports: StartPorts

  constructor(ports: StartPorts) {
    this.#ports = ports
  }

  /**
   * @throws {GateError} a person must investigate: it is unknown whether it was started, GitLab refuses, or it may not be read
   * @throws {UsageError} a decision that does not fit
   * @throws {StagegateError} the result is not known yet: running it again can help
   */
  async pipeline(): Promise<number> {
    const { log, decision, journal, manifest, deployment } = this.#ports
    for (let round = 0; round < mostRounds; round++) {
      const progress = await log.progress()
      const { standing, starts } = progress
      const again = this.#isToStartAgain(starts)
      journal.update({ key: keyOf(manifest, deployment, Math.max(1, starts)) })
      if (decision !== undefined && 'resume' in decision && !(standing.is === 'started' && standing.pipeline === decision.resume)) {
        await this.#resume(decision.resume, progress)
      } else if (standing.is === 'free' || again) {
        if (!again) await this.#expectNotStarted(starts)
        const pipeline = await this.#begin(progress)
        if (pipeline !== undefined) return pipeline
      } else if (standing.is === 'open') {
        await this.#settle(progress, standing)
      } else {
        if (journal.record.pipeline?.id !== standing.pipeline) {
          await this.#expectNoted(standing.pipeline, starts)
          this.#known(standing.pipeline, 'recorded')
        }
        return standing.pipeline
      }
    }
    throw new StagegateError({
      code: 'deployment/contended',
      where: this.#where,
      what: 'other jobs kept changing its record',
      next: 'Run it again when no other job is deploying.',
    })
  }

  /** A note is believed only as far as GitLab confirms it. @throws {GateError} the pipeline that it names is not ours */
  async #expectNoted(pipeline: number, starts: number): Promise<void> {
    const { pipelines, decision } = this.#ports
    // A person who names the pipeline has checked it.
    if (decision !== undefined && 'resume' in decision) return this.#expectRef(pipeline)
    const because = await this.#within(async (call) => misfit(await pipelines.read(pipeline, call), starts, this.#ports, call))
    if (because === undefined) return
    throw this.#notOurs(`its notes name ${pipelines.address(pipeline)}, but GitLab does not confirm that: ${because}`, starts)
  }

  /** @throws {GateError} the notes say that a start failed, but its pipeline exists */
  async #expectNotStarted(starts: number): Promise<void> {
    const { manifest, deployment, pipelines } = this.#ports
    for (let start = 1; start <= starts; start++) {
      const there = await this.#find(keyOf(manifest, deployment, start), starts)
      if (there === undefined) continue
      throw this.#notOurs(`its notes say that start ${start} was refused, but the pipeline exists: ${pipelines.address(there)}`, starts)
    }
  }

  #notOurs(what: string, starts: number): GateError {
    const { deployment, pipelines } = this.#ports
    return mismatch(what, { deployment, starts, address: pipelines.address() })
  }

  #isToStartAgain(starts: number): boolean {
    const { decision } = this.#ports
    if (decision === undefined || !('startAgain' in decision)) return false
    if (decision.startAgain <= starts + 1) return decision.startAgain === starts + 1
    throw new UsageError({
      code: 'usage/start-again',
      where: this.#where,
      what: `its next start is number ${starts + 1}, not ${decision.startAgain}`,
      next: 'Use --start-again with the number that the last job printed.',
    })
  }

  async #resume(pipeline: number, { next }: Progress): Promise<void> {
    const { log, clock } = this.#ports
    await this.#expectRef(pipeline)
    if (await log.add(next, { step: 'started', pipeline, how: 'said', at: clock.now() })) this.#known(pipeline, 'said')
  }

  async #expectRef(pipeline: number): Promise<void> {
    const { pipelines, remote } = this.#ports
    const { ref } = await this.#within((call) => pipelines.read(pipeline, call))
    if (ref === remote.ref) return
    throw new UsageError({
      code: 'usage/resume',
      where: pipelines.address(pipeline),
      what: `it is for ${ref}, but this deployment runs for ${remote.ref}`,
      next: 'Name the pipeline of this deployment.',
    })
  }

  /** The pipeline, if it was started now and that was recorded. */
  async #begin({ starts, next }: Progress): Promise<number | undefined> {
    const { manifest, deployment, pipelines, log, journal, origin, clock } = this.#ports
    const key = keyOf(manifest, deployment, starts + 1)
    // The name was looked up before, also so that no pipeline is started that could not be read.
    const there = await this.#find(key, starts)
    // One deadline for recording the beginning and for asking: a process that sleeps between the two must not ask when it wakes.
    return this.#within(async (call) => {
      const by = `${origin.job.name} (${origin.rehearsal ? 'rehearsal' : `job ${origin.job.id}`})`
      const mark = randomBytes(12).toString('hex')
      if (!(await log.add(next, { step: 'starting', by, mark, at: clock.now() }))) return undefined
      journal.update({ key })
      if (there !== undefined) {
        this.#known(there, 'found')
        return (await this.#note(next + 1, { step: 'started', pipeline: there, how: 'found', at: clock.now() })) ? there : undefined
      }
      journal.report({ event: 'starting' })
      const answer = await this.#ask(key, next + 1, call)
      if (answer === undefined) return undefined
      if (answer.outcome === 'started') {
        const { pipeline } = answer
        this.#known(pipeline, 'answered')
        return (await this.#note(next + 1, { step: 'started', pipeline, how: 'answered', at: clock.now() })) ? pipeline : undefined
      }
      await this.#note(next + 1, { step: 'not-started', because: answer.because, at: clock.now() })
      throw new GateError({
        code: 'gate/deployment-refused',
        where: pipelines.address(),
        what: answer.because,
        next: 'Nothing was started. Correct the value it names, then run the job again.',
      })
    })
  }

  /** The answer; `undefined` if it is unknown what GitLab did. */
  async #ask(key: string, next: number, call: Call): Promise<Started | undefined> {
    const { manifest, remote, pipelines, journal, clock } = this.#ports
    const given = givenTo(manifest, key)
    try {
      return await pipelines.start(filledIn(remote.variables, given), filledIn(remote.inputs, given), call)
    } catch (error) {
      if (error instanceof PutOff) {
        await this.#note(next, { step: 'not-started', because: error.message, at: clock.now() })
        throw error
      }
      journal.report({ event: 'trouble', because: problemOf(causeOf(call, error)) })
      return undefined
    }
  }

  /** Waits until the result of a start is recorded, or the pipeline appears. */
  async #settle({ starts, next, named }: Progress, { by, since }: { readonly by: string; readonly since: Instant }): Promise<void> {
    const { manifest, deployment, pipelines, log, journal, clock, random, signal, limits } = this.#ports
    const key = keyOf(manifest, deployment, starts)
    const began = clock.now()
    // Their clock may be ahead of ours.
    const settled = later(since < began ? since : began, limits.settle / 1000)
    for (let look = 0; ; look++) {
      let trouble: unknown
      try {
        const pipeline = await this.#find(key, starts)
        if (pipeline !== undefined) {
          this.#known(pipeline, 'found')
          await this.#note(next, { step: 'started', pipeline, how: 'found', at: clock.now() })
          return
        }
      } catch (error) {
        if (isFinal(error) || signal.aborted) throw error
        trouble = error
        journal.report({ event: 'trouble', because: problemOf(error) })
      }
      const wait = pause(look, limits, random)
      // A failed look does not show that the pipeline does not exist.
      const end = trouble === undefined ? settled : later(began, limits.settle / 1000)
      if (later(clock.now(), wait / 1000) > end)
        throw trouble ?? undecided({ by, since, key, named }, { deployment, starts, address: pipelines.address() })
      await clock.sleep(wait, signal)
      if ((await log.progress()).next !== next) return
    }
  }

  /** The pipeline with this name. */
  async #find(key: string, starts: number): Promise<number | undefined> {
    const { pipelines } = this.#ports
    const [first, ...more] = await this.#within((call) => pipelines.named(key, call))
    if (first === undefined) return undefined
    const misfits = visibleMisfits(first, this.#ports)
    if (misfits.length > 0) throw this.#notOurs(`${pipelines.address(first.id)} has its key, but ${misfits.join(', and ')}`, starts)
    if (more.length === 0) return first.id
    throw new GateError({
      code: 'gate/deployment-twice',
      where: pipelines.address(),
      what: `several pipelines are named ${key}: ${[first, ...more].map((one) => one.id).join(', ')}`,
      next: 'Check them, and name the one that is the deployment with --resume.',
    })
  }

  /**
   * Adds a result to the steps; false if a different one was recorded first. A failed write changes nothing: this job knows the result, and
   * others find it out.
   */
  async #note(number: number, step: Step): Promise<boolean> {
    const { log, journal } = this.#ports
    try {
      return await log.add(number, step)
    } catch (error) {
      journal.report({ event: 'trouble', because: problemOf(error) })
      return true
    }
  }

  #known(pipeline: number, how: PipelineKnownBy): void {
    const { pipelines, journal } = this.#ports
    journal.report({ event: 'known', how }, { pipeline: { id: pipeline, url: pipelines.address(pipeline) } })
  }

  get #where(): string {
    return `the deployment ${this.#ports.deployment}`
  }

  async #within<T>(run: (call: Call) => Promise<T>): Promise<T> {
    const { clock, limits, signal } = this.#ports
    return askWithin(clock, limits.call, signal, run)
  }
}

/** Asking again does not help until a person has changed something. */
export function isFinal(error: unknown): boolean {
  return error instanceof GateError || isRefusal(error)
}
