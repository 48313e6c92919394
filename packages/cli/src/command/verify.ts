import { describeCoordinates, type Finding, type ReleaseManifest, type ReleasePlan, UsageError, type Verification } from '@stagegate/schema'
import { aptGet, dnf, type ExitCode, exitCodeOfFindings, type PackageManager, verify } from '@stagegate/uploader'
import { findTarget } from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { documentPath, junitPathFor, readNamedReceipts, readReceipts, writeDocument } from '../job/documents.js'
import { verifyJobName } from '../job/names.js'
import { openFor, openSealed } from '../job/sealed.js'
import { whileRunning } from '../job/stop.js'
import { writeAfterwards, writeWhole } from '../job/write-whole.js'
import { findingLines } from '../print/finding.js'
import { junitOfFindings } from '../print/junit.js'
import { type Output, outputFor } from '../print/output.js'
import { duration } from '../print/time.js'
import { type CommonOptions, jobOptions, manifestOption, newCommand, several } from './options.js'

const description = `Reads the public repositories back as their users do, without a publisher's credential, and compares each package and each layer
of an image with the sealed manifest, also with apt-get or dnf if the plan sets it. It checks missing files again until the deadline.`

const minute = 60_000

interface Options extends CommonOptions {
  readonly target?: readonly string[]
  readonly manifest?: string
  readonly deadline: string
  readonly receipt?: readonly string[]
}

export function verifyCommand(done: (exitCode: number) => void): Command {
  return jobOptions(newCommand('verify', 'read the public repositories back', description))
    .option('--target <id>', 'the target; can be repeated (default: all)', several)
    .option(...manifestOption)
    .option('--deadline <seconds>', 'how long to wait for a repository that updates its index late', '600')
    .option('--receipt <file>', 'for images, read only the layers that these runs of publish sent; can be repeated (default: all)', several)
    .action(async (options: Options) => {
      const output = outputFor(options.json === true)
      const deadline = millisecondsIn(options.deadline)
      const { job, manifest } = await openSealed(options, (plan) => verifyJobName(plan, options.target, options.release))
      const repositories = await openFor(job, manifest, options.target, { staging: undefined, public: 'users' })
      const receipts = await readNamedReceipts(options.receipt ?? [])
      const published = await readReceipts((path) => output.log(`${path} cannot be read as a receipt and is ignored.`))
      const path = documentPath('verifications', (options.target ?? ['all']).join('+'))
      const startedAt = Date.now()
      const write = (found: Verification) => writeVerification(path, found, startedAt)
      const verification = await whileRunning((signal) =>
        verify(manifest, {
          targets: options.target,
          origin: job.origin,
          repositories,
          receipts,
          published,
          packageManagers: packageManagersOf(job.plan, manifest),
          deadline,
          signal,
          onBegin: write,
          onWait: waits(output, startedAt + deadline),
        }),
      )
      for (const line of verification.findings.flatMap(findingLines)) output.log(line)
      const exitCode = exitCodeOfFindings(verification.findings)
      output.document(verification)
      const unwritten = await writeAfterwards(`${verification.findings.length} checked`, 'verification', () => write(verification))
      if (unwritten !== undefined && exitCode !== 3) throw unwritten
      if (unwritten !== undefined) output.log(unwritten.what)
      output.log(`${lastWord(verification, exitCode)}.${unwritten === undefined ? ` Verification: ${path}` : ''}`)
      done(exitCode)
    })
}

/** The package managers that the plan names for targets. */
function packageManagersOf(plan: ReleasePlan, { release, targets }: ReleaseManifest): Readonly<Record<string, PackageManager>> {
  const managers: Readonly<Record<string, PackageManager>> = { apt: aptGet(), dnf: dnf() }
  const entries = targets.flatMap(({ target }) => {
    const manager = managers[findTarget(plan, target, release).target.verify]
    return manager === undefined ? [] : [[target, manager] as const]
  })
  return Object.fromEntries(entries)
}

async function writeVerification(path: string, found: Verification, startedAt: number): Promise<void> {
  await writeDocument(path, found)
  await writeWhole(junitPathFor(path), junitOfFindings(found.findings, startedAt))
}

/** @throws {UsageError} if it is not a number of seconds */
function millisecondsIn(seconds: string): number {
  if (Number(seconds) >= 0) return Number(seconds) * 1000
  throw new UsageError({ code: 'usage/deadline', what: `expected a number of seconds, got ${seconds}` })
}

function lastWord({ findings }: Verification, exitCode: ExitCode): string {
  if (exitCode === 3) return 'A person must investigate'
  if (exitCode === 4) return 'Not everything is public yet: run the job again'
  const isAllRead = findings.every(({ layers }) => (layers?.unread ?? []).length === 0)
  return `Exactly what was sealed is public${isAllRead ? '' : ', as far as it was read'}`
}

/** Reports each wait: at once, and then once a minute. */
function waits(output: Output, end: number): (finding: Finding) => void {
  const said = new Map<string, number>()
  return ({ found, coordinates, destination }) => {
    const what = `${describeCoordinates(coordinates)} in ${destination.repository}`
    const now = Date.now()
    if (now - (said.get(what) ?? Number.NEGATIVE_INFINITY) < minute) return
    said.set(what, now)
    output.log(`${found.padEnd(14)} ${what}: checking again for at most ${duration(Math.max(0, end - now))}`)
  }
}
