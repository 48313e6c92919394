import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  type BucketOptions,
  createEnvironment,
  instant,
  later,
  type ProgramReceipt,
  type PublicRepository,
  release,
  type YumRepositoryOptions,
  yumRepository,
} from '@stagegate/uploader'
import { makeRpm } from '@stagegate/uploader/testing'
import { expect } from 'vitest'
import { ca } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import type { Key } from '../tasks/keys.mjs'
import { startNginx, startVersitygw } from '../tasks/servers.mjs'
import { contentOf } from './source.js'

/** A server of repositories that dnf and zypper read. */
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

async function startDirectory(): Promise<Trees> {
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

/** A package whose one file, `/usr/share/NAME/padding`, has this size. `full` is `epoch:version-release`. */
export function rpm(name: string, full = '1.0-1', architecture = 'x86_64', size = 10): Built {
  const [, epoch, version = '', release = ''] = /^(?:(\d+):)?([^-]+)-(.+)$/.exec(full) ?? []
  const options = { name, version, release, architecture, size, ...(epoch !== undefined && { epoch: Number(epoch) }) }
  return { file: `${name}-${version}-${release}.${architecture}.rpm`, data: Buffer.from(makeRpm(options)) }
}

export type Settings = Omit<YumRepositoryOptions, 'on' | 'signWith'> & { readonly keys: readonly Key[] }

export function openTree({ on }: Pick<Trees, 'on'>, { keys, ...settings }: Settings): PublicRepository {
  return yumRepository({ on, signWith: keys.map(({ secret }) => ({ value: secret })), ...settings })
}

/** The distribution of all packages here, and the folder that they get. */
export const distribution = 'el/9'

/** Packages in a folder, as a build leaves them. */
export function built(packages: readonly Built[]): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, distribution), { recursive: true })
  for (const { file, data } of packages) writeFileSync(join(folder, distribution, file), data)
  return folder
}

/** Releases packages. */
export async function publish(trees: Pick<Trees, 'on'>, settings: Settings, packages: readonly Built[]): Promise<ProgramReceipt> {
  return release({ name: 'acme', version: '1.0', from: built(packages), files: ['**/*.rpm'], to: { yum: openTree(trees, settings) } })
}

/** Releases packages, all of which are public then. */
export async function published(...given: Parameters<typeof publish>): Promise<void> {
  const { outcomes } = await publish(...given)
  expect(outcomes.map(({ verdict, problem }) => problem ?? verdict)).toEqual(given[2].map(() => 'published'))
}

/** The sha256 of each file below a folder that has this ending. */
export function digestsBelow(folder: string, ending = '.rpm'): readonly string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(ending))
  return paths.map((path) => contentOf(readFileSync(join(folder, path))).sha256).sort()
}
