import type { IncomingMessage } from 'node:http'
import type { Answer, Asked } from '../server/respond.js'
import type { GitlabPart } from './start.js'

/** What GitLab's CI Lint API says of one text. */
export interface Lint {
  /** Whether there would be a pipeline. */
  readonly valid: boolean
  /** The configuration with its includes; absent where it cannot be made. */
  readonly merged_yaml?: string | null | undefined
  /** GitLab's sentences. */
  readonly errors: readonly string[]
  /** GitLab's sentences. */
  readonly warnings: readonly string[]
}

/** A project whose pipelines are judged. */
export interface CiLintOptions {
  /** The project's path. */
  readonly project: string
  /** A token with the scope `api` of a developer. */
  readonly token: string
  /** A token of somebody who may see the project, and not lint. */
  readonly guest?: string | undefined
  /** The pipelines that the project has, by branch or tag; `main` is the default branch. */
  readonly committed?: Readonly<Record<string, string>> | undefined
  /** The judgement. `ref` is `undefined` for a static check. */
  readonly judge: (content: string, ref: string | undefined) => Lint
}

/** `GET` and `POST /projects/:id/ci/lint`. */
export class CiLints implements GitlabPart {
  readonly #options: CiLintOptions

  constructor(options: CiLintOptions) {
    this.#options = options
  }

  /** Answers requests for CI Lint; `undefined` for others. */
  async answer({ request, url }: Asked): Promise<Answer | undefined> {
    const [, project] = /^\/api\/v4\/projects\/([^/]+)\/ci\/lint$/.exec(url.pathname) ?? []
    if (project === undefined) return undefined
    const { token, guest, committed = {}, judge } = this.#options
    if (url.href.includes(token)) throw new Error('a token in the URL')
    const given = request.headers['private-token']
    if (given === undefined || (given !== token && given !== guest)) return message(401, '401 Unauthorized')
    if (decodeURIComponent(project) !== this.#options.project) return message(404, '404 Project Not Found')
    if (given === guest) return message(403, '403 Forbidden')
    if (request.method === 'POST') return posted(request, judge)
    const ref = url.searchParams.get('content_ref') ?? 'main'
    const content = committed[ref]
    if (content === undefined)
      return { status: 200, json: { valid: false, errors: ['Please provide content of .gitlab-ci.yml'], warnings: [] } }
    return { status: 200, json: judge(content, url.searchParams.get('dry_run_ref') ?? undefined) }
  }
}

async function posted(request: IncomingMessage, judge: CiLintOptions['judge']): Promise<Answer> {
  if (request.headers['content-type'] !== 'application/json') return message(415, 'The provided content-type is not supported.')
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  const { content, dry_run: isDry, ref } = JSON.parse(text)
  if (typeof content !== 'string') return { status: 400, json: { error: 'content is missing' } }
  return { status: 200, json: judge(content, isDry === true ? (ref ?? 'main') : undefined) }
}

function message(status: number, text: string): Answer {
  return { status, json: { message: text } }
}
