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

const description = `Deploys the sealed release with a pipeline of another GitLab, which the plan names. It starts the pipeline with a trigger token and follows
it with a token that can read it. The pipeline is started exactly once. When run again after a crash or a timeout, or in another job, the command
finds the same pipeline and continues. If it cannot tell whether the pipeline was started, it starts nothing, and a person must decide.

The pipeline gets the variable STAGEGATE_DEPLOYMENT_KEY. In a project with workflow: name: '$STAGEGATE_DEPLOYMENT_KEY', the command finds it by that
name even if the answer to the start request was lost. A job that runs again recognizes its pipeline by that name, or by its variables if the token
can read them; otherwise a person must name the pipeline.

Without --wait, the command ends as soon as the pipeline is started. Then publishing must wait for something else: give the deployment a confirm
script, which checks what was deployed.`

interface Options extends CommonOptions {
  readonly deployment: string
  readonly wait?: boolean
  readonly timeout?: string
  readonly resume?: string
  readonly startAgain?: string
}

export function deployCommand(done: (exitCode: number) => void): Command {
  return jobOptions(newCommand('deploy', 'deploy with a pipeline of another GitLab', description))
    .requiredOption('--deployment <id>', 'the deployment')
    .option('--wait', 'wait until the pipeline ends; exit with 0 only if it passed')
    .option('--timeout <seconds>', 'how long to wait before exiting with 4 (default: from the plan)')
    .option('--resume <pipeline>', 'a person checked: the pipeline with this ID is the deployment')
    .option(
      '--start-again <time>',
      'a person checked: start it for the second (2), third (3), … time; repeating the same number starts nothing',
    )
    .action(async (options: Options) => {
      const output = outputFor(options.json === true)
      const { job, manifest } = await openSealed(options, (plan) => findDeployment(plan, options.deployment, options.release).job)
      const deployment = findDeployment(job.plan, options.deployment, options.release)
      const path = documentPath('deployments', deployment.id)
      await provePlace(path)
      let writing: Promise<void> = Promise.resolve()
      const onEvent = (event: DeployEvent) => {
        for (const line of linesOf(event)) output.log(line)
        // A failed write is reported at the end; the pipeline goes on anyway.
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
          timeout: millisecondsOf(options.timeout),
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
  if (!waited) return `${deployment} is started, but its end was not awaited: let a confirm script check the result.`
  switch (pipeline?.status) {
    case 'success':
      return `${deployment}: the pipeline has passed.`
    case 'failed':
    case 'canceled':
    case 'skipped':
      return `${deployment}: the pipeline is ${pipeline.status}. A person must investigate: ${pipeline.url}. After it has passed there, run this job again.`
    default:
      return `${deployment}: the pipeline has not ended (${pipeline?.status ?? 'not seen'}). Run the job again to keep waiting.`
  }
}

/** In milliseconds. */
function millisecondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,7}$/.test(text)) throw new UsageError({ code: 'usage/timeout', what: `expected a number of seconds, got ${text}` })
  return Number(text) * 1000
}

function decisionOf({ resume, startAgain }: Options): StartDecision | undefined {
  if (resume !== undefined && startAgain !== undefined)
    throw new UsageError({ code: 'usage/word', what: 'expected either --resume or --start-again, got both' })
  if (resume !== undefined) return { resume: numberIn('--resume', resume) }
  return startAgain === undefined ? undefined : { startAgain: numberIn('--start-again', startAgain) }
}

function numberIn(option: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new UsageError({ code: 'usage/word', what: `expected a number after ${option}, got ${text}` })
}
