import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type BucketOptions, createEnvironment, instant, later, type ProgramReceipt } from '@stagegate/uploader'
import { expect } from 'vitest'
import { ca } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import { startNginx, startVersitygw } from '../tasks/servers.mjs'
import { contentOf } from './source.js'

/** A server of repositories that package managers read. */
export interface Trees {
  /** Where readers find them. */
  readonly url: string
  /** Where writers do. */
  readonly on: string | BucketOptions
  /** The authority that writers in processes of their own have to be told. */
  readonly trust: { readonly tls?: { readonly ca: string } }
  /** Where the files lie on this machine. */
  readonly files: string
  /** Brings a folder there, as another tool would. */
  bring(folder: string, path: string): Promise<void>
  stop(): Promise<void>
}

const keys = { accessKeyId: 'AKIDOWNER', secretAccessKey: 'secret-of-the-owner' }
const credentials = { accessKeyId: { value: keys.accessKeyId }, secretAccessKey: { value: keys.secretAccessKey } }
const [region, bucket] = ['us-east-1', 'acme-packages']

const soon = () => ({ signal: AbortSignal.timeout(30_000), deadline: later(instant(Date.now()), 30) })

export async function startDirectory(): Promise<Trees> {
  const files = temporaryFolder()
  const { url, stop } = await startNginx(temporaryFolder(), `server { listen PORT; root ${files}; }`)
  return { url, on: files, trust: {}, files, stop, bring: async (folder, path) => cpSync(folder, join(files, path), { recursive: true }) }
}

export async function startBucket(): Promise<Trees> {
  const folder = temporaryFolder()
  const { url, stop } = await startVersitygw(folder, { keys })
  const owner = createEnvironment({ variables: {} }).http(url, { ...credentials, scheme: 'aws', region, service: 's3' })
  const put = async (path: string, data: Buffer) => {
    const body = { content: contentOf(data), stream: () => Readable.from([data]) }
    const { status, text } = await owner.send({ method: 'PUT', path: `/${bucket}${path}`, body }, soon())
    expect([200, 204], `${path}: ${text}`).toContain(status)
  }
  await put('', Buffer.alloc(0))
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }]
  await put('?policy', Buffer.from(JSON.stringify({ Version: '2012-10-17', Statement })))
  return {
    url: `${url}/${bucket}`,
    on: { bucket, region, endpoint: url, credentials },
    trust: { tls: { ca } },
    files: join(folder, 'files', bucket),
    stop,
    async bring(from, path) {
      const paths = readdirSync(from, { recursive: true, encoding: 'utf8' }).filter((one) => statSync(join(from, one)).isFile())
      for (const one of paths) {
        const segments = one.split('/').map(encodeURIComponent)
        await put(`/${path}/${segments.join('/')}`, readFileSync(join(from, one)))
      }
    },
  }
}

export const servers: readonly (readonly [name: string, start: () => Promise<Trees>])[] = [
  ['a directory behind nginx', startDirectory],
  ['a bucket of versitygw', startBucket],
]

/** A package, as it is built. */
export interface Built {
  readonly file: string
  readonly data: Buffer
}

/** Expects that all of it is published now. */
export async function allPublished(publishing: Promise<ProgramReceipt>): Promise<void> {
  const { outcomes } = await publishing
  expect(outcomes.map(({ verdict, problem }) => problem ?? verdict)).toEqual(outcomes.map(() => 'published'))
}

/** Packages in a folder, each below its distribution, as a build leaves them. */
export function built(packages: readonly Built[], distribution: string): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, distribution), { recursive: true })
  for (const { file, data } of packages) writeFileSync(join(folder, distribution, file), data)
  return folder
}
