import { renderMermaid } from '@stagegate/sdk'
import type { Command } from 'commander'
import { issueCount, issueReport } from '../print/issues.js'
import { type EventOptions, eventOptions, pipelineOf } from './event.js'
import { newCommand } from './options.js'
import { synthesize } from './synth.js'

const description = `Draws a pipeline as a Mermaid flowchart, which GitLab and others show as a picture: what waits for what, and where people
click. Groups of many jobs are folded into one.`

export function graphCommand(done: (exitCode: number) => void): Command {
  return eventOptions(newCommand('graph', 'draw a pipeline, with its gate', description))
    .option('--fold-above <count>', 'fold a group with more jobs than this', '4')
    .option('--file <file>', 'the author’s file', 'pipeline.ts')
    .action(async (options: EventOptions & { file: string; foldAbove: string }) => {
      const synthesis = await synthesize(options.file)
      if (!synthesis.ok) {
        process.stderr.write(`${issueReport(synthesis.issues)}\n${issueCount(synthesis.issues)}.\n`)
        return done(2)
      }
      process.stdout.write(renderMermaid(pipelineOf(synthesis, options).pipeline, { foldAbove: Number(options.foldAbove) }))
    })
}
