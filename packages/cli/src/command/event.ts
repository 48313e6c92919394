import { UsageError } from '@stagegate/schema'
import type { PipelineEvent } from '@stagegate/sdk'
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
}

/** The options that say which pipeline is meant. */
export function eventOptions(command: Command): Command {
  return command
    .option('--tag <name>', 'for the pipeline of this tag')
    .option('--ref <name>', 'the same as --tag')
    .option('--branch <name>', 'for the pipeline of this branch')
    .option('--merge-request <branch>', 'for the pipeline of a merge request from this branch')
    .option('--schedule', 'with --branch: as a schedule runs it')
    .option('--unprotected', 'the tag or branch is not protected')
    .option('--var <name=value>', 'a variable of the pipeline; can be repeated', several)
}

/** Whether a pipeline was named. */
export function namesEvent({ ref, tag, branch, mergeRequest }: EventOptions): boolean {
  return [ref, tag, branch, mergeRequest].some((name) => name !== undefined)
}

/** @throws {UsageError} when it is not exactly one tag, branch or merge request */
export function eventOf({ ref, tag = ref, branch, mergeRequest, schedule, unprotected, var: variables = [] }: EventOptions): PipelineEvent {
  const common = { protected: !unprotected, variables: Object.fromEntries(variables.map(pair)) }
  const named = [tag, branch, mergeRequest].filter((one) => one !== undefined)
  if (named.length !== 1)
    throw new UsageError({ code: 'usage/event', what: 'say which pipeline: one of --tag, --branch or --merge-request' })
  if (tag !== undefined) return { ...common, tag }
  if (mergeRequest !== undefined) return { ...common, mergeRequest }
  return { ...common, branch: branch ?? '', ...(schedule && { source: 'schedule' as const }) }
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError({ code: 'usage/variable', what: `expected NAME=VALUE, got ${text}` })
  return [text.slice(0, at), text.slice(at + 1)]
}
