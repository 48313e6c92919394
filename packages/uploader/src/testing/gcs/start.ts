import type { IncomingMessage } from 'node:http'
import { S3Refusal } from '../s3/errors.js'
import { bodyIn } from '../server/body.js'
import { Faults } from '../server/faults.js'
import type { Answer, Asked } from '../server/respond.js'
import { type LoggedRequest, serve } from '../server/serve.js'
import { BucketRoutes } from './bucket-routes.js'
import { callerOf } from './caller.js'
import { refusal } from './errors.js'
import { type GcsObject, Objects } from './objects.js'
import type { GcsOptions } from './options.js'

/** An emulated Google storage that runs. */
export interface GcsServer {
  /** Its origin. */
  readonly url: string
  /** In the order in which they came. */
  readonly requests: readonly LoggedRequest[]
  /** Requests that no client of ours may send, and errors in the server itself. */
  readonly violations: readonly string[]
  /** What it does wrong from now on. */
  readonly faults: Faults
  /** The objects of a bucket by key. */
  objects(bucket?: string): Map<string, GcsObject>
  /** Ends it, and its connections. */
  close(): Promise<void>
}

/**
 * An emulated Google Cloud Storage on loopback, by its XML API and as strict as its documentation: it works out each signature, and heeds no
 * condition of a write but generations. It holds no body against the digest in its signature: Google documents no such check.
 * @example
 * const server = await startGcs({ conditions: 'ignores' })
 */
export async function startGcs(options: GcsOptions = {}): Promise<GcsServer> {
  const { buckets = ['packages'], conditions = 'heeds', isPaced = false, tls, now = Date.now } = options
  const { accounts = { GOOG1WRITES: { secret: 'writes' } }, tokens = {} } = options
  const requests: LoggedRequest[] = []
  const violations: string[] = []
  const faults = new Faults(options.faults)
  const all = new Map(buckets.map((name) => [name, new Objects({ conditions, isPaced, now })]))
  const answerTo = async (asked: Asked): Promise<Answer | undefined> => {
    const body = await bodyIn(asked)
    if (body === undefined) return undefined
    try {
      violations.push(...forbidden(asked.request))
      const [bucket = '', ...rest] = decodeURIComponent(asked.url.pathname).slice(1).split('/')
      const caller = callerOf(asked.request, { accounts, tokens, now: now() })
      const objects = all.get(bucket)
      if (objects === undefined) throw refusal(404, 'NoSuchBucket', 'The specified bucket does not exist.')
      return new BucketRoutes(objects, options).answer({ asked, key: rest.join('/'), body, caller })
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error
      return error.answer(asked.request.method ?? '')
    }
  }
  const server = await serve(
    { tls, faults, onRequest: (request) => requests.push(request), onViolation: (what) => violations.push(what) },
    async (asked) => {
      const answer = await answerTo(asked)
      return answer && { ...answer, headers: { date: new Date(now()).toUTCString(), server: 'UploadServer', ...answer.headers } }
    },
  )
  return {
    url: server.url,
    requests,
    violations,
    faults,
    objects: (bucket = 'packages') => all.get(bucket)?.all ?? new Map(),
    close: () => server.close(),
  }
}

/** Writes that could lose something, or that readers would get otherwise than they were written. */
function forbidden({ method = '', url = '', headers }: IncomingMessage): readonly string[] {
  if (method === 'GET' || method === 'HEAD') return []
  const isOfNoUse = headers['if-none-match'] !== undefined || headers['if-match'] !== undefined
  const what = [
    ...(method === 'PUT' ? [] : ['it is no PUT']),
    ...(headers['x-goog-if-generation-match'] === undefined ? ['it has no condition'] : []),
    ...(isOfNoUse ? ['its condition is one for reads'] : []),
    ...(headers['cache-control'] === undefined ? ['caches would keep it for an hour'] : []),
    ...(headers['content-encoding'] === undefined ? [] : ['it would be unpacked on its way to readers']),
  ]
  return what.map((one) => `${method} ${url}: ${one}`)
}
