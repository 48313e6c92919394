import { UsageError } from '@stagegate/schema'
import { renderMermaid } from '@stagegate/sdk'
import type { Command } from 'commander'
import { painted } from '../print/colour.js'
import { issueCount, issueReport } from '../print/issues.js'
import { type EventOptions, eventOptions, pipelineOf } from './event.js'
import { newCommand } from './options.js'
import { synthesize } from './synth.js'

const description = `Draws a pipeline as a Mermaid flowchart, which GitLab and others render: which jobs wait for which, and where people
click. Groups of many jobs are folded into one.`

export function graphCommand(done: (exitCode: number) => void): Command {
  return eventOptions(newCommand('graph', 'draw a pipeline, with its gate', description))
    .option('--fold-above <count>', 'fold a group with more jobs than this', '4')
    .option('--file <file>', 'the file that exports the App', 'pipeline.ts')
    .action(async (options: EventOptions & { file: string; foldAbove: string }) => {
      const foldAbove = countOf(options.foldAbove)
      const synthesis = await synthesize(options.file)
      if (!synthesis.ok) {
        process.stderr.write(painted(`${issueReport(synthesis.issues)}\n${issueCount(synthesis.issues)}.\n`, process.stderr))
        return done(2)
      }
      const { pipeline, event } = pipelineOf(synthesis, options)
      const { kind, because } = pipeline
      if (kind === undefined) {
        const next = 'There is nothing to draw. To see the conditions of the kinds, run stagegate explain with the same options.'
        throw new UsageError({ code: 'usage/event', what: `${event}: no pipeline, because ${because}`, next })
      }
      const gated = synthesis.plan.releases.flatMap(({ jobs, targets }) => [
        ...targets.map((target) => target.jobs.publish),
        jobs.approve ?? '',
      ])
      process.stdout.write(renderMermaid(pipeline, { foldAbove, gated: new Set(gated) }))
    })
}

function countOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError({ code: 'usage/count', what: `expected a count in --fold-above, got ${text}` })
  return Number(text)
}
