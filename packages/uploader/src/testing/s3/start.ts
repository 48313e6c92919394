import type { IncomingMessage } from 'node:http'
import { bodyIn } from '../server/body.js'
import { type EmulatedServer, emulate } from '../server/emulate.js'
import type { Answer, Asked } from '../server/respond.js'
import { BucketRoutes } from './bucket-routes.js'
import { accessDenied, S3Refusal } from './errors.js'
import { Objects, type S3Object } from './objects.js'
import type { S3Options } from './options.js'
import { accountOf, type S3Account } from './signature.js'

/** An emulated S3 that runs. */
export interface S3Server extends EmulatedServer {
  /** The objects of a bucket by key. */
  objects(bucket?: string): Map<string, S3Object>
  /** So many conditional writes from now on are refused with 409. */
  contend(times: number, bucket?: string): void
}

/**
 * An emulated S3 on loopback, as strict as AWS's documentation: it works out each signature, and holds each body against its digests.
 * @example
 * const server = await startS3({ conditions: 'ignores' })
 */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  const { buckets = ['packages'], conditions = 'heeds', lag = 0, ahead = 0, now = Date.now } = options
  const all = new Map(buckets.map((name) => [name, new Objects(conditions, lag)]))
  const routes = new Map([...all].map(([name, objects]) => [name, new BucketRoutes(name, objects, all, options)]))
  const time = () => now() + ahead * 1000
  const answerTo = async (asked: Asked, note: (what: string) => void): Promise<Answer | undefined> => {
    const body = await bodyIn(asked)
    if (body === undefined) return undefined
    const { method = '' } = asked.request
    try {
      forbidden(asked.request).forEach(note)
      expectHere(options)
      const [bucket, key] = placeIn(asked.url, options.hostOf)
      const account = signerOf(asked.request, options, time())
      const route = routes.get(bucket)
      if (account === undefined && !(method === 'GET' || method === 'HEAD')) throw accessDenied()
      if (route === undefined) throw new S3Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket })
      return route.answer({ asked, key, body, account })
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error
      return error.answer(method)
    }
  }
  const server = await emulate(options, async (asked, note) => {
    const answer = await answerTo(asked, note)
    return answer && { ...answer, headers: { date: new Date(time()).toUTCString(), 'x-amz-request-id': 'ABCDEF', ...answer.headers } }
  })
  const objectsOf = (bucket = 'packages') => all.get(bucket) ?? new Objects(conditions, lag)
  return {
    ...server,
    objects: (bucket) => objectsOf(bucket).all,
    contend(times, bucket) {
      objectsOf(bucket).contended = times
    },
  }
}

function signerOf(request: IncomingMessage, { accounts, region = 'eu-central-1' }: S3Options, now: number): S3Account | undefined {
  return accountOf(request, { accounts: accounts ?? { AKIDWRITES: { secretAccessKey: 'writes' } }, region, now })
}

function expectHere({ elsewhere }: S3Options): void {
  if (elsewhere === undefined) return
  const code = elsewhere.status === 301 ? 'PermanentRedirect' : 'TemporaryRedirect'
  throw new S3Refusal(elsewhere.status, code, 'Please re-send this request to the specified endpoint.', { Region: elsewhere.region })
}

/** Writes that could lose something. */
function forbidden({ method = '', url = '', headers }: IncomingMessage): readonly string[] {
  const isPart = /[?&]uploads|[?&]partNumber=/.test(url)
  const isConditional = headers['if-none-match'] !== undefined || headers['if-match'] !== undefined
  const what = [
    ...(method === 'DELETE' ? ['something is deleted'] : []),
    ...((method === 'PUT' || method === 'POST') && !isPart && !isConditional ? ['it has no condition'] : []),
    ...(headers.authorization !== undefined && !/^[0-9a-f]{64}$/.test(String(headers['x-amz-content-sha256']))
      ? ['its body is not signed']
      : []),
  ]
  return what.map((one) => `${method} ${url}: ${one}`)
}

function placeIn({ pathname }: URL, hostOf: string | undefined): readonly [bucket: string, key: string] {
  const path = decodeURIComponent(pathname.replaceAll('+', ' ')).slice(1)
  if (hostOf !== undefined) return [hostOf, path]
  const [bucket = '', ...rest] = path.split('/')
  return [bucket, rest.join('/')]
}
