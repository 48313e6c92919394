import { type Fault, Faults } from '../server/faults.js'
import type { Answer, Asked } from '../server/respond.js'
import { type LoggedRequest, serve } from '../server/serve.js'
import type { ServerTls } from '../server/tls.js'

/** A request as GitLab's parts see it: its address is without the path that the instance lives below. */
export interface GitlabAsked extends Asked {
  /** The address that the instance is configured with, which stands in everything that it says of itself. */
  readonly instance: string
  /** Notes something that a client must never do. */
  readonly note: (violation: string) => void
  /** The parameters that this version of GitLab does not know. */
  readonly unknownParameters: ReadonlySet<string>
}

/** The things of the instance that a part may need for a server of its own. */
export interface GitlabSurroundings {
  /** The instance's certificate. */
  readonly tls: ServerTls | undefined
  /** The script of its misbehaviour. */
  readonly faults: Faults
  /** Notes something that a client must never do. */
  readonly note: (violation: string) => void
  /** Notes a request that came to the part's own server. */
  readonly log: (request: LoggedRequest) => void
}

/** One part of GitLab's API, with its own state. Parts are asked in turn; `undefined` is none of its business. */
export interface GitlabPart {
  /** Answers a request; `undefined` where it is for another part. */
  answer(asked: GitlabAsked): Promise<Answer | undefined>
  /** Starts the part's own servers. */
  open?(surroundings: GitlabSurroundings): Promise<void>
  /** Ends them, and removes the part's files. */
  close?(): Promise<void>
}

/** A running emulator. */
export interface GitlabServer {
  /** Its address, with the path that it lives below. */
  readonly url: string
  /** All requests so far, the oldest first, and whether they came to GitLab or to its object storage. */
  readonly requests: readonly (LoggedRequest & { readonly at: 'gitlab' | 'storage' })[]
  /** Things that must never happen, and did: a token in an address or at another origin, `DELETE`, a form in place of a file. */
  readonly violations: readonly string[]
  /** The script of its misbehaviour. */
  readonly faults: Faults
  /** Ends it, and all of its connections. */
  close(): Promise<void>
}

/** The options of `startGitlab`. */
export interface GitlabOptions {
  /** Misbehaviour, in order. @default none */
  readonly faults?: readonly Fault[] | undefined
  /** @default plain HTTP */
  readonly tls?: ServerTls | undefined
  /** The path that the instance lives below, such as `/gitlab`. @default none */
  readonly root?: string | undefined
  /** The address that it is configured with, as behind a proxy. @default its own */
  readonly address?: string | undefined
  /** Endpoints and parameters that an older version does not know: it answers 404, and ignores them. @default none */
  readonly unknown?: { readonly paths?: readonly RegExp[] | undefined; readonly parameters?: readonly string[] | undefined } | undefined
}

/** The names that GitLab takes a token by in a query, and the forms of its tokens. */
const tokenInAddress = /[?&](?:private_token|job_token|access_token|deploy_token)=|\bgl(?:pat|cbt|dt|ptt|oas)-[\w-]+/

/**
 * A GitLab on loopback with these parts of its API, as strict as the real one is known to be, with faults on demand.
 * @example
 * const jobs = new Jobs()
 * const projects = new Projects({ jobs, projects: [{ id: 7, path: 'acme/acme', visibility: 'public' }] })
 * const gitlab = await startGitlab([jobs, new GenericPackages({ projects }), new Releases({ projects }), projects])
 */
export async function startGitlab(parts: readonly GitlabPart[], options: GitlabOptions = {}): Promise<GitlabServer> {
  const { tls, root = '', unknown = {} } = options
  const faults = new Faults(options.faults)
  const requests: (LoggedRequest & { at: 'gitlab' | 'storage' })[] = []
  const violations: string[] = []
  const note = (what: string) => void violations.push(what)
  const log = (at: 'gitlab' | 'storage') => (request: LoggedRequest) => void requests.push({ at, ...request })
  const unknownParameters = new Set(unknown.parameters)
  const server = await serve({ tls, faults, onRequest: log('gitlab'), onViolation: note }, async (asked) => {
    const { request } = asked
    if (tokenInAddress.test(request.url ?? '')) throw new Error('a token in the URL')
    if (request.method === 'DELETE') note(`DELETE ${request.url}: a client must delete nothing`)
    const url = withoutRoot(asked.url, root)
    if (!isReadable(asked.url.pathname)) return { status: 400, json: { error: '400 Bad Request' } }
    if (url === undefined || unknown.paths?.some((path) => path.test(url.pathname))) return { status: 404, json: unknownAnswer }
    for (const name of unknownParameters) url.searchParams.delete(name)
    const instance = options.address ?? server.url + root
    return answerOf(parts, { ...asked, url, instance, note, unknownParameters })
  })
  for (const part of parts) await part.open?.({ tls, faults, note, log: log('storage') })
  return {
    url: server.url + root,
    requests,
    violations,
    faults,
    async close() {
      await server.close()
      for (const part of parts) await part.close?.()
    },
  }
}

const unknownAnswer = { error: '404 Not Found' }

async function answerOf(parts: readonly GitlabPart[], asked: GitlabAsked): Promise<Answer> {
  for (const part of parts) {
    const answer = await part.answer(asked)
    if (answer !== undefined) return answer
  }
  return { status: 404, json: unknownAnswer }
}

/** Whether each `%` of a path begins a character. */
function isReadable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

function withoutRoot(url: URL, root: string): URL | undefined {
  if (!url.pathname.startsWith(`${root}/`)) return undefined
  const below = new URL(url)
  below.pathname = url.pathname.slice(root.length)
  return below
}
