import { jobFiles, kindVariable } from '@stagegate/schema'
import { Command, Option } from 'commander'

export const manifestOption = ['--manifest <file>', `the release manifest (default: ${jobFiles.manifest})`] as const

/** The options of every command that runs in a job. */
export function jobOptions(command: Command): Command {
  return command
    .option('--plan <file>', `the release plan (default: ${jobFiles.plan}, or release-plan.json)`)
    .option('--release <id>', 'the release, if the plan has several')
    .addOption(new Option('--kind <kind>', 'the pipeline kind, if the tag does not determine it').env(kindVariable))
    .option('--rehearsal', 'rehearse without GitLab: write only below the checkout and to this machine (or STAGEGATE_REHEARSAL=1)')
    .option('--json', 'print the document to stdout, and the log to stderr')
}

export interface CommonOptions {
  readonly plan?: string
  readonly release?: string
  readonly kind?: string
  readonly rehearsal?: boolean
  readonly json?: boolean
}

/** An option that can be given several times. */
export function several(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

export function newCommand(name: string, summary: string, description: string): Command {
  return (
    new Command(name)
      .summary(summary)
      // Breaks lines at the terminal's width; an empty line separates paragraphs.
      .description(description.replace(/(?<!\n)\n(?!\n)/g, ' '))
      .helpOption('-h, --help', 'show this help')
      .showHelpAfterError('See --help.')
  )
}
