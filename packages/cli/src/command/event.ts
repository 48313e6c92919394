import { UsageError } from '@stagegate/schema'
import type { Pipeline, PipelineEvent, Synthesis } from '@stagegate/sdk'
import type { Command } from 'commander'
import { several } from './options.js'

export interface EventOptions {
  readonly tag?: string
  readonly ref?: string
  readonly branch?: string
  readonly mergeRequest?: string
  readonly schedule?: boolean
  readonly unprotected?: boolean
  readonly var?: readonly string[]
  readonly changes?: readonly string[]
}

/** The options that select a pipeline. */
export function eventOptions(command: Command): Command {
  return command
    .option('--ref <name>', 'for the pipeline of this tag, or of this branch if no kind matches such a tag')
    .option('--tag <name>', 'for the pipeline of this tag')
    .option('--branch <name>', 'for the pipeline of this branch')
    .option('--merge-request <branch>', 'for the pipeline of a merge request from this branch')
    .option('--schedule', 'for a scheduled pipeline of --branch or main')
    .option(
      '--var <name=value>',
      'with this variable (on --branch or main, if no other option names the pipeline); can be repeated',
      several,
    )
    .option('--unprotected', 'the tag or branch is not protected')
    .option('--changes <file>', 'the push or merge request changes only this file; can be repeated', several)
}

/** Whether a pipeline was named. */
export function namesEvent({ ref, tag, branch, mergeRequest, schedule, var: variables, unprotected }: EventOptions): boolean {
  return [ref, tag, branch, mergeRequest, schedule, variables, unprotected].some((one) => one !== undefined)
}

/** The selected pipeline, and its description. Variables override everything, like those of GitLab's form. */
export function pipelineOf(synthesis: Synthesis, options: EventOptions): { readonly pipeline: Pipeline; readonly event: string } {
  const found = eventsOf(options).map((event) => ({ pipeline: synthesis.pipeline(event), event: described(event) }))
  const [first] = found
  if (first === undefined) throw new RangeError('Expected an event')
  const chosen = found.find(({ pipeline }) => pipeline.kind !== undefined) ?? first
  return chosen === first ? chosen : { ...chosen, event: `${chosen.event} (no kind matches a tag with that name)` }
}

/**
 * The possible meanings of the options, the most likely first.
 * @throws {UsageError} if they select no pipeline, or several
 */
function eventsOf(options: EventOptions): readonly PipelineEvent[] {
  const { ref, tag, branch, mergeRequest, schedule, unprotected, changes, var: variables = [] } = options
  const common = { protected: !unprotected, changes, variables: Object.fromEntries(variables.map(pair)) }
  const named = [ref, tag, branch, mergeRequest].filter((one) => one !== undefined)
  const wrong = (what: string) => new UsageError({ code: 'usage/event', what })
  if (named.length > 1) throw wrong('use only one of --ref, --tag, --branch and --merge-request')
  if (schedule && (tag !== undefined || mergeRequest !== undefined))
    throw wrong('a schedule runs for a branch: use --branch with --schedule')
  const ofBranch = (name: string): PipelineEvent => ({ ...common, branch: name, ...(schedule && { source: 'schedule' as const }) })
  if (ref !== undefined) return schedule ? [ofBranch(ref)] : [{ ...common, tag: ref }, ofBranch(ref)]
  if (tag !== undefined) return [{ ...common, tag }]
  if (mergeRequest !== undefined) return [{ ...common, mergeRequest }]
  if (branch !== undefined || schedule) return [ofBranch(branch ?? 'main')]
  if (variables.length > 0) return [{ ...common, branch: 'main', source: 'web' }]
  throw wrong('choose a pipeline with one of --ref, --tag, --branch, --merge-request, --schedule and --var')
}

function described(event: PipelineEvent): string {
  const variables = Object.entries(event.variables ?? {}).map(([name, value]) => `${name}=${value}`)
  const started = 'branch' in event && event.source !== undefined ? [event.source === 'schedule' ? 'by a schedule' : 'started by hand'] : []
  const what =
    'tag' in event
      ? `the tag ${event.tag}`
      : 'branch' in event
        ? `the branch ${event.branch}`
        : `a merge request from ${event.mergeRequest}`
  return [
    what,
    event.protected ? 'protected' : 'not protected',
    ...started,
    ...(variables.length > 0 ? [`with ${variables.join(' ')}`] : []),
    ...(event.changes === undefined ? [] : [`changing ${event.changes.join(' ')}`]),
  ].join(', ')
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError({ code: 'usage/variable', what: `expected NAME=VALUE, got ${text}` })
  return [text.slice(0, at), text.slice(at + 1)]
}
