import { type BaseResourceOptions, createRequesterFn, type FormattedResponse, type RequestOptions } from '@gitbeaker/requester-utils'
import { Jobs, Lint, Packages, Pipelines, PipelineTriggerTokens, ProjectReleases, ReleaseLinks } from '@gitbeaker/rest'
import type { HttpAnswer } from '../http/client.js'

/** Parts of GitLab's API, with gitbeaker's names. */
export interface Resources {
  /** Jobs, and pipelines that jobs start. */
  readonly Jobs: Jobs
  /** The CI Lint API. */
  readonly Lint: Lint
  /** Packages and their files, as lists. */
  readonly Packages: Packages
  /** Pipelines started with a trigger token. */
  readonly PipelineTriggerTokens: PipelineTriggerTokens
  /** Pipelines and their variables. */
  readonly Pipelines: Pipelines
  /** Release entries. */
  readonly ProjectReleases: ProjectReleases
  /** Their assets, one by one. */
  readonly ReleaseLinks: ReleaseLinks
}
const resources: { readonly [N in keyof Resources]: new (options: BaseResourceOptions<false>) => Resources[N] } = {
  Jobs,
  Lint,
  Packages,
  PipelineTriggerTokens,
  Pipelines,
  ProjectReleases,
  ReleaseLinks,
}

/** A request as gitbeaker has put it together, without a token. */
export interface GitlabRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Path and query below `/api/v4`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends a request, and returns the answer with its body parsed. */
export type Send = (request: GitlabRequest) => Promise<Pick<HttpAnswer, 'status' | 'headers'> & { readonly body: unknown }>

/**
 * One of gitbeaker's resources, whose requests are sent by a function of ours: with our token, which gitbeaker never sees, and without
 * its retries, its limits and its waiting.
 */
export function openResource<N extends keyof Resources>(name: N, send: Send): Resources[N] {
  const requesterFn = createRequesterFn(
    async (_, request) => request,
    // The cast: gitbeaker hands on what came, which we judge by a schema.
    async (endpoint, options) => send(requestOf(endpoint, options)) as Promise<FormattedResponse>,
  )
  const resource = new resources[name]({ host: '', requesterFn, queryTimeout: null, rateLimits: {} })
  // gitbeaker 43.8.0 asks for a job only if it sees this header, which it never sets itself.
  resource.headers['job-token'] = 'added by the client'
  return resource
}

function requestOf(endpoint: string, { method = 'GET', searchParams = '', body }: RequestOptions = {}): GitlabRequest {
  if (method !== 'GET' && method !== 'POST' && method !== 'PUT') throw new TypeError(`Expected no ${method}: Stagegate deletes nothing`)
  if (body instanceof FormData) {
    // gitbeaker puts a trigger's token into the query, which servers log. A form has all of it in its body, and the client adds the token.
    const form = new URLSearchParams(searchParams)
    form.delete('token')
    for (const [field, value] of body) form.append(field, String(value))
    return { method, path: `/${endpoint}`, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() }
  }
  const path = searchParams === '' ? `/${endpoint}` : `/${endpoint}?${searchParams}`
  return body === undefined ? { method, path, headers: {} } : { method, path, headers: { 'content-type': 'application/json' }, body }
}
