import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Listening } from '../server/listen.js'
import type { Answer } from '../server/respond.js'
import { serve } from '../server/serve.js'
import type { GitlabSurroundings } from './start.js'
import type { StoredBytes } from './stored-bytes.js'

const key = randomBytes(16)
const tokens = ['private-token', 'job-token', 'deploy-token', 'authorization', 'cookie']

/**
 * The storage that GitLab leads downloads to: another origin, with addresses that are signed and expire. A token that arrives here has leaked.
 * @see https://docs.gitlab.com/administration/object_storage/#proxy-download
 */
export class ObjectStorage {
  readonly #objects = new Map<string, StoredBytes>()
  #server: Listening | undefined
  #made = 0

  async open({ tls, faults, note, log }: GitlabSurroundings): Promise<void> {
    this.#server = await serve({ tls, faults, onRequest: log, onViolation: note }, async ({ request, url }) =>
      this.#answer(request, url, note),
    )
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  /** An address that gives these bytes for five minutes. */
  addressOf(bytes: StoredBytes): string {
    if (this.#server === undefined) throw new Error('the object storage is not open: give the part itself to startGitlab')
    const path = `/gitlab-packages/${++this.#made}/${bytes.sha256}`
    this.#objects.set(path, bytes)
    const expires = Math.floor(Date.now() / 1000) + 300
    return `${this.#server.url}${path}?X-Amz-Expires=${expires}&X-Amz-Signature=${signature(path, expires)}`
  }

  #answer({ headers, method }: IncomingMessage, url: URL, note: (what: string) => void): Answer {
    const leaked = tokens.filter((name) => headers[name] !== undefined)
    if (leaked.length > 0) {
      note(`${method} ${url.pathname} came to the object storage with ${leaked.join(', ')}`)
      return { status: 400, headers: { 'content-type': 'application/xml' }, json: '<Error><Code>InvalidArgument</Code></Error>' }
    }
    const [expires, given] = [url.searchParams.get('X-Amz-Expires'), url.searchParams.get('X-Amz-Signature')]
    const bytes = this.#objects.get(url.pathname)
    const isSigned = given === signature(url.pathname, Number(expires)) && Number(expires) > Date.now() / 1000
    if (bytes === undefined || !isSigned || !['GET', 'HEAD'].includes(method ?? ''))
      return { status: 403, headers: { 'content-type': 'application/xml' }, json: '<Error><Code>AccessDenied</Code></Error>' }
    return bytesAnswer(bytes, {})
  }
}

/** The bytes themselves. */
export function bytesAnswer({ at, size }: StoredBytes, headers: Readonly<Record<string, string>>): Answer {
  const given = { status: 200, headers: { 'content-type': 'application/octet-stream', ...headers } }
  return 'data' in at ? { ...given, data: at.data } : { ...given, file: { path: at.path, size } }
}

function signature(path: string, expires: number): string {
  return createHmac('sha256', key).update(`${path} ${expires}`).digest('hex')
}
