import { userInfo } from 'node:os'
import { instant, jobFiles, type PlannedRelease, UsageError } from '@stagegate/schema'
import { approve, findRelease } from '@stagegate/uploader/gitlab'
import type { Command } from 'commander'
import { writeApproval } from '../job/documents.js'
import { openSealed } from '../job/sealed.js'
import { provePlace } from '../job/write-whole.js'
import { outputFor } from '../print/output.js'
import { type CommonOptions, jobOptions, newCommand } from './options.js'

const description = `Records that a person approved the sealed manifest, for a release that one click publishes (approval: 'once').
The publish jobs check the approval and copy it into their receipts.`

export function approveCommand(): Command {
  return jobOptions(newCommand('approve', 'approve a sealed release', description)).action(async (options: CommonOptions) => {
    const output = outputFor(options.json === true)
    const { job, manifest } = await openSealed(options, (plan) => approveJobOf(findRelease(plan, options.release)))
    await provePlace(jobFiles.approval)
    // In a rehearsal it is the person who runs it.
    const approval = await approve(manifest, {
      origin: job.origin,
      now: instant(Date.now()),
      by: job.startedBy ?? userInfo().username,
      records: job.records,
    })
    const path = await writeApproval(approval)
    output.log(`${approval.by} approved ${manifest.release} ${manifest.version}, manifest ${approval.manifest}. Approval: ${path}`)
    output.document(approval)
  })
}

/** @throws {UsageError} no job of the release waits for an approval */
function approveJobOf({ id, jobs }: PlannedRelease): string {
  if (jobs.approve !== undefined) return jobs.approve
  throw new UsageError({
    code: 'usage/no-approval',
    where: `the release ${id}`,
    what: 'nothing in it waits for an approval',
    next: "Start its publish jobs, or set approval: 'once' in pipeline.ts. Nothing was approved.",
  })
}
