import { isStagegateError, StagegateError, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import { askWithin } from '../contract/call.js'
import type { Network } from '../http/network.js'
import { GitlabApi, privateToken } from './gitlab-api.js'
import { GitlabRefusal } from './refusal.js'
import type { Resources } from './resource.js'

const Lint = v.object({
  valid: v.boolean(),
  merged_yaml: v.nullish(v.string()),
  errors: v.array(v.string()),
  warnings: v.optional(v.array(v.string()), []),
})

/** GitLab's judgement of a pipeline. */
export interface CiLint {
  /** Whether GitLab would make a pipeline of it. */
  readonly valid: boolean
  /** The configuration with its includes; `undefined` where GitLab could not make it. */
  readonly merged: string | undefined
  /** GitLab's sentences. */
  readonly errors: readonly string[]
  /** GitLab's sentences. */
  readonly warnings: readonly string[]
}

/** A pipeline to be judged, and where. */
export interface CiLintQuestion {
  /** The address of the GitLab. */
  readonly url: string
  /** The project's path or number. */
  readonly project: string
  /** The text of a pipeline; without it the one that the project has. */
  readonly content?: string | undefined
  /** The branch or tag for which it is judged. @default the project's default branch */
  readonly ref?: string | undefined
  /** The name of the variable that holds the token. */
  readonly token: string
  /** In milliseconds. @default 60000 */
  readonly timeout?: number | undefined
}

/**
 * Asks GitLab's CI Lint API, once. The token goes to that GitLab alone, and redirects are not followed.
 *
 * @see https://docs.gitlab.com/api/lint/
 * @throws {UsageError} no token, or an address that is none
 * @throws {StagegateError} any other answer than a judgement
 */
export async function askForLint(question: CiLintQuestion, environment: Network): Promise<CiLint> {
  const { token, timeout = 60_000 } = question
  const api = new GitlabApi({ url: addressIn(question.url).href }, environment, privateToken(token))
  try {
    const { merged_yaml: merged, ...judged } = await askWithin(environment.clock, timeout, new AbortController().signal, (call) =>
      api.ask('Lint', (lint) => ask(lint, question), Lint, call),
    )
    const quoted = (texts: readonly string[]) => texts.map((text) => api.quote(text))
    return { valid: judged.valid, merged: merged ?? undefined, errors: quoted(judged.errors), warnings: quoted(judged.warnings) }
  } catch (error) {
    throw inPlace(error, question)
  }
}

async function ask(lint: Resources['Lint'], { project, content, ref }: CiLintQuestion): Promise<unknown> {
  // Only a dry run takes the rules of includes for a ref.
  if (content !== undefined) return lint.lint(project, content, { ...(ref !== undefined && { dryRun: true, ref }) })
  return lint.check(project, { ...(ref !== undefined && { contentRef: ref, dryRun: true, dryRunRef: ref }) })
}

function addressIn(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw new UsageError({
    code: 'usage/origin',
    where: text,
    what: 'it is not the address of a GitLab',
    next: 'Write it as https://gitlab.example.',
  })
}

/** The error, with what to do about it. */
function inPlace(error: unknown, { project, token, ref }: CiLintQuestion): unknown {
  if (error instanceof GitlabRefusal) {
    const { status, location, where } = error
    const { what, next } = meaningOf(status, { project, token, ref, location })
    return new StagegateError({ code: 'gitlab/lint-refused', where, what, next, final: true })
  }
  if (!isStagegateError(error) || error.next !== undefined) return error
  const { code, where, what } = error
  if (code === 'gitlab/unexpected-answer') {
    const next = 'Check that the address is that of a GitLab, and not of a login page in front of it.'
    return new StagegateError({ code, where, what: `expected the result of GitLab’s CI Lint: ${what}`, next, final: true })
  }
  return code === 'gitlab/unavailable' ? new StagegateError({ code, where, what, next: 'Run it again later.' }) : error
}

interface Told {
  readonly project: string
  readonly token: string
  readonly ref: string | undefined
  readonly location: string | undefined
}

function meaningOf(status: number, { project, token, ref, location }: Told): { readonly what: string; readonly next: string } {
  if (status === 401)
    return { what: `GitLab does not accept the token in ${token} (401)`, next: 'Give the variable a token with the scope api.' }
  if (status === 403) {
    const next = 'The token needs the scope api, and its owner must be a developer of the project.'
    return { what: `the token in ${token} does not have permission to lint pipelines of ${project} (403)`, next }
  }
  if (status === 404) {
    const what = `there is no project ${project}${ref === undefined ? '' : `, or no ${ref} in it`}, or the token in ${token} cannot see it (404)`
    return { what, next: 'Correct --project, or use the token of a member.' }
  }
  if (status >= 300 && status < 400) {
    const to = location !== undefined && URL.canParse(location) ? ` to ${new URL(location).origin}` : ''
    return {
      what: `the server redirects${to} (${status}), and Stagegate does not send the token there`,
      next: 'Use GitLab’s own address.',
    }
  }
  return { what: `the server answered ${status}`, next: 'Check that it is a GitLab of version 13.6 or later.' }
}
