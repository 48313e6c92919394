import { type DeploymentRecord, UsageError } from '@stagegate/schema'
import {
  type DeployEvent,
  deploy,
  deployExitCode,
  findDeployment,
  type PipelineKnownBy,
  type StartDecision,
} from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { documentPath, writeDocument } from '../job/documents.js'
import { openSealed } from '../job/sealed.js'
import { whileRunning } from '../job/stop.js'
import { provePlace, writeAfterwards } from '../job/write-whole.js'
import { outputFor } from '../print/output.js'
import { type CommonOptions, jobOptions, newCommand } from './options.js'

const description = `Deploys the sealed release by a pipeline of another GitLab, which the plan names: starts it with a trigger token, and follows
it with a token that may read it. It is started once. Run again, after a crash, a time-out or in another job, it finds the same pipeline
and goes on; where nothing says whether it was started, it starts nothing, and a person must look.

The pipeline is given STAGEGATE_DEPLOYMENT_KEY. A project with workflow: name: '$STAGEGATE_DEPLOYMENT_KEY' lets it be found by that
name even when the answer to the start was lost. A job that is run again recognizes its pipeline by that name, or by its variables where the token
may read them; otherwise a person must say which pipeline it is.

Without --wait it ends as soon as the pipeline is started. Publishing must then wait for something else: give the deployment a confirm
script, which checks what was deployed.`

interface Options extends CommonOptions {
  readonly deployment: string
  readonly wait?: boolean
  readonly timeout?: string
  readonly resume?: string
  readonly startAgain?: string
}

export function deployCommand(done: (exitCode: number) => void): Command {
  return jobOptions(newCommand('deploy', 'deploy by a pipeline of another GitLab', description))
    .requiredOption('--deployment <id>', 'the deployment')
    .option('--wait', 'wait for the pipeline’s end: 0 only when it has passed')
    .option('--timeout <seconds>', 'how long to wait before ending with 4 (default: as planned)')
    .option('--resume <pipeline>', 'a person has looked: this pipeline, by its number, is the deployment')
    .option('--start-again <time>', 'a person has looked: start it for the second (2), third (3), … time; said again, it starts nothing')
    .action(async (options: Options) => {
      const output = outputFor(options.json === true)
      const { job, manifest } = await openSealed(options, (plan) => findDeployment(plan, options.deployment, options.release).job)
      const deployment = findDeployment(job.plan, options.deployment, options.release)
      const path = documentPath('deployments', deployment.id)
      await provePlace(path)
      let writing: Promise<void> = Promise.resolve()
      const onEvent = (event: DeployEvent) => {
        for (const line of linesOf(event)) output.log(line)
        // That it cannot be written is said at the end; the pipeline goes on in any case.
        writing = writing.then(() => writeDocument(path, event.record)).catch(() => undefined)
      }
      const record = await whileRunning((signal) =>
        deploy(manifest, {
          deployment,
          origin: job.origin,
          environment: job.environment,
          notes: job.notes,
          records: job.records,
          wait: options.wait,
          timeout: secondsOf(options.timeout),
          decision: decisionOf(options),
          onEvent,
          signal,
        }),
      ).finally(() => writing)
      const unwritten = await writeAfterwards(`the pipeline is ${record.pipeline?.url ?? 'not known'}`, 'record', () =>
        writeDocument(path, record),
      )
      const exitCode = deployExitCode(record, options.wait === true)
      const kept = unwritten === undefined ? ` Record: ${path}` : ''
      output.log(`${summary(record, options.wait === true)}${job.origin.rehearsal ? ' (rehearsal)' : ''}${kept}`)
      output.document(record)
      if (unwritten !== undefined && exitCode !== 3) throw unwritten
      if (unwritten !== undefined) output.log(unwritten.what)
      done(exitCode)
    })
}

const how: Readonly<Record<PipelineKnownBy, string>> = {
  answered: 'started now',
  recorded: 'started before',
  found: 'found by its name',
  said: 'named by a person',
}

function linesOf(event: DeployEvent): readonly string[] {
  const { project, ref, url, key, pipeline } = event.record
  switch (event.event) {
    case 'starting':
      return [`Starting a pipeline of ${project} for ${ref} on ${url}, as ${key}.`]
    case 'known':
      return [`Pipeline ${pipeline?.id}, ${how[event.how]}: ${pipeline?.url}`]
    case 'status':
      return [`  ${pipeline?.seenAt}  ${pipeline?.status}${pipeline?.status === 'manual' ? ': it waits for somebody there' : ''}`]
    case 'trouble':
      return event.because.message.split('\n').map((line) => `  ${line}`)
  }
}

function summary({ deployment, pipeline }: DeploymentRecord, waited: boolean): string {
  if (!waited) return `${deployment} is started, and nobody has waited for it: let a confirm script check what is deployed.`
  switch (pipeline?.status) {
    case 'success':
      return `${deployment}: the pipeline has passed.`
    case 'failed':
    case 'canceled':
    case 'skipped':
      return `${deployment}: the pipeline is ${pipeline.status}. A person must look: ${pipeline.url}. When it has passed there, run this job again.`
    default:
      return `${deployment}: the pipeline has not ended (${pipeline?.status ?? 'not seen'}). Run the job again: it goes on waiting.`
  }
}

/** In milliseconds. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,7}$/.test(text)) throw new UsageError({ code: 'usage/timeout', what: `expected a number of seconds, got ${text}` })
  return Number(text) * 1000
}

function decisionOf({ resume, startAgain }: Options): StartDecision | undefined {
  if (resume !== undefined && startAgain !== undefined)
    throw new UsageError({ code: 'usage/word', what: 'expected --resume or --start-again, got both' })
  if (resume !== undefined) return { resume: numberIn('--resume', resume) }
  return startAgain === undefined ? undefined : { startAgain: numberIn('--start-again', startAgain) }
}

function numberIn(option: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new UsageError({ code: 'usage/word', what: `expected a number after ${option}, got ${text}` })
}
