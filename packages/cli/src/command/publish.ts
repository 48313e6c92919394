import { describeCoordinates, isSha256, type Outcome, type Sha256, UsageError } from '@stagegate/schema'
import { exitCodeOf, type Foreseen, foresee, publish, receiptOf } from '@stagegate/uploader'
import type { Command } from 'commander'
import { documentPath, writeDocument } from '../job/documents.js'
import { type Job, openJob } from '../job/job.js'
import { publishJobName } from '../job/names.js'
import { approvalFor, manifestFor, openFor } from '../job/sealed.js'
import { whileRunning } from '../job/stop.js'
import { type Output, outputFor } from '../print/output.js'
import { transferLog } from '../print/transfer-log.js'
import { type CommonOptions, jobOptions, newCommand, several } from './options.js'

const description = `Copies exactly the sealed packages from staging to their public repositories, and writes the receipt to .stagegate/receipts/.
Nothing public is ever overwritten or deleted. Running it again moves only what is missing, whatever happened before.`

interface Options extends CommonOptions {
  readonly target?: readonly string[]
  readonly manifest?: string
  readonly manifestDigest?: string
  readonly dryRun?: boolean
}

export function publishCommand(done: (exitCode: number) => void): Command {
  return jobOptions(newCommand('publish', 'copy sealed packages from staging to the public', description))
    .option('--target <id>', 'the target; can be repeated (default: all)', several)
    .option('--manifest <file>', 'the release manifest (default: .stagegate/release-manifest.json)')
    .option('--manifest-digest <sha256>', 'refuse any other manifest than the one approved')
    .option('--dry-run', 'say what publishing would do now; only reads')
    .action(async (options: Options) => {
      const output = outputFor(options.json === true)
      const job = await openJob(options, (plan) => publishJobName(plan, options.target, options.release))
      const manifest = await manifestFor(job, options.manifest, options.target, options.release)
      const { records, origin } = job
      const common = { targets: options.target, origin, records, approved: approvedDigest(options.manifestDigest) }
      if (options.dryRun) {
        const repositories = openFor(job, manifest, options.target, { staging: 'read', public: 'write' })
        const foreseen = await whileRunning((signal) => foresee(manifest, { ...common, repositories, signal }))
        printForeseen(foreseen, output)
        output.document(foreseen)
        return
      }
      const repositories = openFor(job, manifest, options.target, { staging: 'read', public: 'write' })
      const approval = await approvalFor(job, manifest)
      const path = documentPath('receipts', (options.target ?? ['all']).join('+'))
      const outcomes: Outcome[] = []
      let writing: Promise<void> = Promise.resolve()
      const keep = () => {
        const receipt = receiptOf(manifest, origin, outcomes, approval)
        writing = writing.then(() => writeDocument(path, receipt))
      }
      const log = transferLog((line) => output.log(line))
      const receipt = await whileRunning((signal) =>
        publish(manifest, {
          ...common,
          approval,
          repositories,
          signal,
          onEvent: (event) => {
            log(event)
            if (event.event !== 'verdict') return
            outcomes.push(event.outcome)
            keep()
          },
        }),
      )
      await writing
      await writeDocument(path, receipt)
      const exitCode = exitCodeOf(receipt.outcomes)
      output.log(summary(receipt.outcomes, path, exitCode, job))
      output.document(receipt)
      done(exitCode)
    })
}

function summary(outcomes: readonly Outcome[], path: string, exitCode: 0 | 3 | 4, { origin }: Job): string {
  const counts = new Map<string, number>()
  for (const { verdict } of outcomes) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  const said = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')
  const next = {
    0: 'All is as it should be',
    3: 'A person must look: see RELEASING.md for what each verdict means',
    4: 'Incomplete: run the job again',
  }[exitCode]
  return `${said}${origin.rehearsal ? ' (rehearsal)' : ''}. ${next}. Receipt: ${path}`
}

function printForeseen(foreseen: readonly Foreseen[], output: Output): void {
  for (const { would, coordinates, destination, seen, expected, problem } of foreseen) {
    output.log(`${would.padEnd(15)} ${describeCoordinates(coordinates)} -> ${destination.repository}`)
    if (would === 'conflict') output.log(`  sealed  sha256 ${expected.sha256}\n  public  sha256 ${seen ?? 'unknown'}`)
    if (problem !== undefined) output.log(`  ${problem.message}`)
  }
  const count = foreseen.filter(({ would }) => would === 'publish').length
  output.log(`Publishing now would send ${count} of ${foreseen.length}. The hold ends ${foreseen[0]?.expiresAt}. Nothing was changed.`)
}

function approvedDigest(text: string | undefined): Sha256 | undefined {
  if (text === undefined) return undefined
  const digest = text.toLowerCase().replace(/^sha256:/, '')
  if (!isSha256(digest)) throw new UsageError({ code: 'usage/digest', what: `expected a sha256 of 64 hexadecimal digits, got ${text}` })
  return digest
}
