import { StagegateError, UsageError } from '@stagegate/schema'
import * as v from 'valibot'
import { causeOf, withDeadline } from '../contract/call.js'
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/client.js'
import type { Environment } from '../repository/define.js'

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
export async function askForLint(question: CiLintQuestion, environment: Environment): Promise<CiLint> {
  const { url, token, timeout = 60_000 } = question
  const { origin, pathname } = addressIn(url)
  const client = environment.http(origin, { scheme: 'header', header: 'PRIVATE-TOKEN', value: { variable: token } }, {})
  const request = requestFor(question, `${pathname.replace(/\/+$/, '')}/api/v4`)
  const where = `${origin}${request.path.split('?', 1)[0]}`
  const answer = await withDeadline(environment.clock, timeout, new AbortController().signal, async (call) => {
    try {
      return await client.send(request, call)
    } catch (error) {
      throw causeOf(call, error)
    }
  })
  if (answer.status !== 200 && answer.status !== 201) throw refusal(answer, question, where)
  return judgementIn(answer, client, where)
}

function addressIn(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw new UsageError({
    code: 'usage/origin',
    where: text,
    what: 'it is no address of a GitLab',
    next: 'Write it as https://gitlab.example.',
  })
}

function requestFor({ project, content, ref }: CiLintQuestion, base: string): HttpRequest {
  const path = `${base}/projects/${encodeURIComponent(project)}/ci/lint`
  const headers = { accept: 'application/json' }
  // Only a dry run takes the rules of includes for a ref.
  if (content === undefined) {
    const query = ref === undefined ? '' : `?${new URLSearchParams({ content_ref: ref, dry_run: 'true', dry_run_ref: ref })}`
    return { method: 'GET', path: `${path}${query}`, headers }
  }
  const body = JSON.stringify({ content, ...(ref !== undefined && { dry_run: true, ref }) })
  return { method: 'POST', path, headers: { ...headers, 'content-type': 'application/json' }, body }
}

function refusal({ status, headers }: HttpAnswer, { project, token, ref }: CiLintQuestion, where: string): StagegateError {
  if (status >= 500 || status === 429)
    return new StagegateError({ code: 'gitlab/unavailable', where, what: `the server answered ${status}`, next: 'Run it again later.' })
  const { what, next } = meaningOf(status, { project, token, ref, location: headers['location'] })
  return new StagegateError({ code: 'gitlab/lint-refused', where, what, next, final: true })
}

interface Told {
  readonly project: string
  readonly token: string
  readonly ref: string | undefined
  readonly location: string | undefined
}

function meaningOf(status: number, { project, token, ref, location }: Told): { readonly what: string; readonly next: string } {
  if (status === 401)
    return { what: `GitLab does not know the token in ${token} (401)`, next: 'Give the variable a token with the scope api.' }
  if (status === 403) {
    const next = 'The token needs the scope api, and its owner must be a developer of the project.'
    return { what: `the token in ${token} may not lint pipelines of ${project} (403)`, next }
  }
  if (status === 404) {
    const what = `there is no project ${project}${ref === undefined ? '' : `, or no ${ref} in it`}, or the token in ${token} may not see it (404)`
    return { what, next: 'Correct --project, or use a token of somebody who is a member.' }
  }
  if (status >= 300 && status < 400) {
    const to = location !== undefined && URL.canParse(location) ? ` to ${new URL(location).origin}` : ''
    return {
      what: `the server redirects${to} (${status}), and the token is not sent on`,
      next: 'Write the address that GitLab has itself.',
    }
  }
  return { what: `the server answered ${status}`, next: 'Look whether it is a GitLab, and of version 13.6 or later.' }
}

function judgementIn({ text }: HttpAnswer, client: HttpClient, where: string): CiLint {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Lint), text)
  if (!parsed.success)
    throw new StagegateError({
      code: 'gitlab/unexpected-answer',
      where,
      what: `expected GitLab’s judgement of a pipeline, found ${client.quote(text.slice(0, 80)) || 'nothing'}`,
      next: 'Look whether the address is a GitLab’s, and not that of a login page before it.',
      final: true,
    })
  const { valid, merged_yaml: merged, errors, warnings } = parsed.output
  return {
    valid,
    merged: merged ?? undefined,
    errors: errors.map((one) => client.quote(one)),
    warnings: warnings.map((one) => client.quote(one)),
  }
}
