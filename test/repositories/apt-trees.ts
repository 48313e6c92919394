import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  type AptRepositoryOptions,
  aptRepository,
  type BucketOptions,
  createEnvironment,
  instant,
  later,
  type ProgramReceipt,
  type PublicRepository,
  release,
  type StagingRepository,
} from '@stagegate/uploader'
import { makeDeb } from '@stagegate/uploader/testing'
import { expect } from 'vitest'
import { ca } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import { AptClient } from '../tasks/apt.mjs'
import type { Key } from '../tasks/keys.mjs'
import { startNginx, startVersitygw } from '../tasks/servers.mjs'
import { contentOf } from './source.js'

/** A server of trees that apt reads. */
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

export const servers: readonly (readonly [name: string, start: () => Promise<Trees>])[] = [
  ['a directory behind nginx', startDirectory],
  ['a bucket of versitygw', startBucket],
]

const soon = () => ({ signal: AbortSignal.timeout(30_000), deadline: later(instant(Date.now()), 30) })

async function startDirectory(): Promise<Trees> {
  const files = temporaryFolder()
  const { url, stop } = await startNginx(temporaryFolder(), `server { listen PORT; root ${files}; }`)
  return {
    url,
    on: files,
    trust: {},
    files,
    stop,
    bring: async (folder, path) => cpSync(folder, join(files, path), { recursive: true }),
  }
}

async function startBucket(): Promise<Trees> {
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
      for (const one of paths) await put(`/${path}/${encodeURI(one).replaceAll('+', '%2B')}`, readFileSync(join(from, one)))
    },
  }
}

/** A package, as it is built. */
export interface Built {
  readonly file: string
  readonly data: Buffer
}

/** A package with one file that tells it from others: `usr/share/NAME/content`. */
export function deb(name: string, version = '1.0', architecture = 'amd64', fields: Readonly<Record<string, string>> = {}): Built {
  const files = { [`usr/share/${name}/content`]: `${name} ${version}` }
  return {
    file: `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`,
    data: Buffer.from(makeDeb({ name, version, architecture, files, fields })),
  }
}

export type Settings = Partial<AptRepositoryOptions> & Pick<AptRepositoryOptions, 'path'> & { readonly keys: readonly Key[] }

export function openTree({ on }: Pick<Trees, 'on'>, { keys, ...settings }: Settings): StagingRepository & PublicRepository {
  return aptRepository({ on, signWith: keys.map(({ secret }) => ({ value: secret })), ...settings })
}

/** Releases packages, each in its distribution. */
export async function publish(
  trees: Pick<Trees, 'on'>,
  settings: Settings,
  packages: readonly Built[],
  distribution = 'debian/stable',
): Promise<ProgramReceipt> {
  const from = temporaryFolder()
  mkdirSync(join(from, distribution), { recursive: true })
  for (const { file, data } of packages) writeFileSync(join(from, distribution, file), data)
  return release({ name: 'acme', version: '1.0', from, files: ['**/*.deb'], to: { apt: openTree(trees, settings) } })
}

/** Releases packages, all of which are public then. */
export async function published(...given: Parameters<typeof publish>): Promise<void> {
  const { outcomes } = await publish(...given)
  expect(outcomes.map(({ verdict, problem }) => problem ?? verdict)).toEqual(given[2].map(() => 'published'))
}

export interface ClientOptions {
  readonly suite?: string | undefined
  readonly settings?: Readonly<Record<string, string>>
}

/** A machine that trusts these keys. */
export function clientOf(url: string, keys: readonly Key[], { suite = 'stable', settings = {} }: ClientOptions = {}): AptClient {
  const certificate = keys.map((key) => key.certificate).join('\n')
  return new AptClient(temporaryFolder(), { source: `${url} ${suite} main`, certificate, ca, settings })
}

export const sha256Of = (file: string) => contentOf(readFileSync(file)).sha256
