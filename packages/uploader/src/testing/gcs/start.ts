import type { IncomingMessage } from 'node:http'
import { S3Refusal } from '../s3/errors.js'
import { bodyIn } from '../server/body.js'
import { type EmulatedServer, emulate } from '../server/emulate.js'
import type { Answer, Asked } from '../server/respond.js'
import { BucketRoutes } from './bucket-routes.js'
import { callerOf } from './caller.js'
import { refusal } from './errors.js'
import { type GcsObject, Objects } from './objects.js'
import type { GcsOptions } from './options.js'

/** An emulated Google storage that runs. */
export interface GcsServer extends EmulatedServer {
  /** The objects of a bucket by key. */
  objects(bucket?: string): Map<string, GcsObject>
}

/**
 * An emulated Google Cloud Storage on loopback, by its XML API and as strict as its documentation: it works out each signature, and heeds no
 * condition of a write but generations. It holds no body against the digest in its signature: Google documents no such check.
 * @example
 * const server = await startGcs({ conditions: 'ignores' })
 */
export async function startGcs(options: GcsOptions = {}): Promise<GcsServer> {
  const { buckets = ['packages'], conditions = 'heeds', isPaced = false, now = Date.now } = options
  const { accounts = { GOOG1WRITES: { secret: 'writes' } }, tokens = {} } = options
  const all = new Map(buckets.map((name) => [name, new Objects({ conditions, isPaced, now })]))
  const answerTo = async (asked: Asked, note: (what: string) => void): Promise<Answer | undefined> => {
    const body = await bodyIn(asked)
    if (body === undefined) return undefined
    try {
      forbidden(asked.request).forEach(note)
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
  const server = await emulate(options, async (asked, note) => {
    const answer = await answerTo(asked, note)
    return answer && { ...answer, headers: { date: new Date(now()).toUTCString(), server: 'UploadServer', ...answer.headers } }
  })
  return { ...server, objects: (bucket = 'packages') => all.get(bucket)?.all ?? new Map() }
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
