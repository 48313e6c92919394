import {
  type GateLook,
  isSha256,
  jobFolders,
  type Outcome,
  type Receipt,
  type ReleaseManifest,
  type Sha256,
  type StagegateError,
  UsageError,
  verdicts,
} from '@stagegate/schema'
import {
  type ExitCode,
  exitCodeOf,
  exitCodeOfForeseen,
  foresee,
  type PublishOptions,
  publish,
  receiptOf,
  type TransferEvent,
} from '@stagegate/uploader'
import { withToCome } from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { refuseOtherReceipts } from '../job/clean-folder.js'
import { documentPath, junitPathFor, writeDocument } from '../job/documents.js'
import { gateLine, lookOnceMore } from '../job/gate-look.js'
import { GrowingDocument } from '../job/growing-document.js'
import type { Job } from '../job/job.js'
import { publishJobName } from '../job/names.js'
import { approvalFor, openFor, openSealed } from '../job/sealed.js'
import { whileRunning } from '../job/stop.js'
import { writeAfterwards, writeWhole } from '../job/write-whole.js'
import { expiryLine, foreseenLines } from '../print/foreseen.js'
import { formFor } from '../print/form.js'
import { junitOfOutcomes } from '../print/junit.js'
import { type Output, outputFor } from '../print/output.js'
import { timeSpent } from '../print/spent.js'
import { TransferLog } from '../print/transfer-log.js'
import { type CommonOptions, jobOptions, manifestOption, newCommand, several } from './options.js'

const description = `Copies exactly the sealed packages from staging to their public repositories, and writes the receipt to ${jobFolders.receipts}/,
with a JUnit file next to it for GitLab's pipeline view.
It never overwrites or deletes anything public. Running it again sends only what is missing, whatever happened before.`

interface Options extends CommonOptions {
  readonly target?: readonly string[]
  readonly manifest?: string
  readonly manifestDigest?: string
  readonly dryRun?: boolean
}

export function publishCommand(done: (exitCode: number) => void): Command {
  return jobOptions(newCommand('publish', 'copy sealed packages from staging to the public repositories', description))
    .option('--target <id>', 'the target; can be repeated (default: all)', several)
    .option(...manifestOption)
    .option('--manifest-digest <sha256>', 'refuse any manifest other than the approved one')
    .option('--dry-run', 'show what publishing would do now, without writing')
    .action(async (options: Options) => {
      const output = outputFor(options.json === true)
      const { job, manifest } = await openSealed(options, (plan) => publishJobName(plan, options.target, options.release))
      const { records, origin } = job
      const repositories = await openFor(job, manifest, options.target, { staging: 'read', public: 'write' })
      const common = { targets: options.target, origin, records, approved: approvedDigest(options.manifestDigest), repositories }
      const gate = await lookOnceMore(job, manifest)
      if (gate !== undefined) output.log(gateLine(gate))
      done(await (options.dryRun ? foreseeAll(manifest, common, output) : publishAll(manifest, common, output, { ...job, gate })))
    })
}

type LookedAt = Job & { readonly gate: GateLook | undefined }

/**
 * Publishes, and keeps the receipt up to date from before the first byte on, so a killed job leaves one too. A job that has no place for
 * its receipt publishes nothing.
 */
async function publishAll(manifest: ReleaseManifest, options: PublishOptions, output: Output, job: LookedAt): Promise<ExitCode> {
  const { targets, origin } = options
  if (!origin.rehearsal) await refuseOtherReceipts(origin)
  const approval = await approvalFor(job, manifest)
  const path = documentPath('receipts', (targets ?? ['all']).join('+'))
  const outcomes: Outcome[] = []
  // During the run in the order of completion, and at the end in the manifest's order.
  let published: Receipt | undefined
  let toCome: readonly Outcome[] = []
  const receiptNow = () => withJob(job, published ?? receiptOf(manifest, origin, withToCome(outcomes, toCome), approval))
  const write = async () => {
    const receipt = receiptNow()
    await writeDocument(path, receipt)
    await writeWhole(junitPathFor(path), junitOfOutcomes(receipt.outcomes))
  }
  const growing = new GrowingDocument(write)
  const log = new TransferLog({ form: formFor(output.stream, process.env), total: destinationsIn(manifest, targets) })
  const onBegin = async (begun: Receipt) => {
    toCome = begun.outcomes
    await write()
  }
  const onEvent = (event: TransferEvent) => {
    log.onEvent(event)
    if (event.event !== 'verdict') return
    outcomes.push(event.outcome)
    growing.grown()
  }
  let unwritten: StagegateError | undefined
  await whileRunning(async (signal) => {
    signal.addEventListener('abort', () => log.stopping(reasonOf(signal)), { once: true })
    published = await publish(manifest, { ...options, approval, signal, onBegin, onEvent })
    // If it is stopped now, it still writes what was done.
    unwritten = await writeAfterwards(countsOf(published.outcomes), 'receipt', () => growing.done())
  }).finally(() => log.close())
  const receipt = receiptNow()
  const exitCode = exitCodeOf(receipt.outcomes)
  output.log(`${countsOf(receipt.outcomes)}${origin.rehearsal ? ' (rehearsal)' : ''}.${unwritten === undefined ? ` Receipt: ${path}` : ''}`)
  const spent = timeSpent(receipt.outcomes)
  if (spent !== undefined) output.log(spent)
  output.document(receipt)
  if (unwritten !== undefined && exitCode !== 3) throw unwritten
  if (unwritten !== undefined) output.log(unwritten.what)
  output.log(next[exitCode])
  return exitCode
}

async function foreseeAll(manifest: ReleaseManifest, options: PublishOptions, output: Output): Promise<ExitCode> {
  // The document goes to stdout, the progress does not.
  const form = formFor(process.stderr, process.env)
  const log = new TransferLog({ form, total: destinationsIn(manifest, options.targets), counts: 'observed' })
  const foreseen = await whileRunning((signal) => foresee(manifest, { ...options, signal, onEvent: log.onEvent })).finally(() =>
    log.close(),
  )
  const exitCode = exitCodeOfForeseen(foreseen)
  for (const line of foreseenLines(foreseen)) output.log(line)
  const count = foreseen.filter(({ would }) => would === 'publish').length
  output.log(`Publishing now would send ${count} of ${foreseen.length} artifacts. Nothing was changed.`)
  output.log(expiryLine(foreseen, Date.now()))
  output.log(nextOfDryRun[exitCode])
  output.document(foreseen)
  return exitCode
}

const next: Readonly<Record<ExitCode, string>> = {
  0: 'Everything is published; the verify job now reads it back as users do.',
  3: 'A person must investigate: RELEASING.md explains each verdict.',
  4: 'Incomplete: run the job again; it sends only what is missing.',
}

const nextOfDryRun: Readonly<Record<ExitCode, string>> = {
  0: 'Publishing now would succeed.',
  3: 'A person must investigate before publishing: RELEASING.md explains each verdict.',
  4: 'Some results are unknown: run the command again.',
}

/** How many outcomes there will be. */
function destinationsIn({ targets }: ReleaseManifest, wanted: readonly string[] | undefined): number {
  const named = targets.filter(({ target }) => wanted === undefined || wanted.includes(target))
  return named.reduce((sum, { artifacts, destinations }) => sum + artifacts.length * destinations.length, 0)
}

/** `Stopped by SIGTERM` */
function reasonOf({ reason }: AbortSignal): string {
  const text = reason instanceof Error ? reason.message : String(reason)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `3 published, 1 conflict`: successes come first, whatever finished first. */
function countsOf(outcomes: readonly Outcome[]): string {
  const counts = verdicts.map((verdict) => [outcomes.filter((outcome) => outcome.verdict === verdict).length, verdict] as const)
  return counts
    .filter(([count]) => count > 0)
    .map(([count, verdict]) => `${count} ${verdict}`)
    .join(', ')
}

/** With the person who started the job, according to GitLab, and the results of the jobs before the gate. */
function withJob({ startedBy, gate }: LookedAt, receipt: Receipt): Receipt {
  return { ...receipt, ...(startedBy !== undefined && { startedBy }), ...(gate !== undefined && { gate }) }
}

function approvedDigest(text: string | undefined): Sha256 | undefined {
  if (text === undefined) return undefined
  const digest = text.toLowerCase().replace(/^sha256:/, '')
  if (!isSha256(digest)) throw new UsageError({ code: 'usage/digest', what: `expected a sha256 of 64 hexadecimal digits, got ${text}` })
  return digest
}
