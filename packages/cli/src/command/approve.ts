import { userInfo } from 'node:os'
import { instant, jobFiles } from '@stagegate/schema'
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
    const { job, manifest } = await openSealed(options, (plan) => findRelease(plan, options.release).jobs.approve ?? 'approve')
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
