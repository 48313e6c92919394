import { Readable } from 'node:stream'
import { expect, onTestFinished } from 'vitest'
import type { Body } from '../contract/capabilities.js'
import type { Clock } from '../contract/clock.js'
import { createEnvironment } from '../repository/environment.js'
import { storePath } from '../store/path.js'
import { openS3, type S3Opening } from '../store/s3/open.js'
import { tls } from './authority.js'
import { contentOf } from './bytes.js'
import { type S3Options, startS3 } from './s3/index.js'

export const s3Keys = { accessKeyId: { value: 'AKIDWRITES' }, secretAccessKey: { value: 'writes' } }

/** An emulated S3 for one test, and stores on it. */
export async function s3World(options: S3Options = {}, opening: Partial<S3Opening> & { readonly clock?: Clock } = {}) {
  const server = await startS3({ tls, ...options })
  onTestFinished(async () => {
    await server.close()
    expect(server.violations).toEqual([])
  })
  const usual = {
    origin: server.url,
    bucket: { name: 'packages', style: 'path' },
    region: 'eu-central-1',
    prefix: storePath('linux'),
    keys: s3Keys,
  } as const
  const open = (more: Partial<S3Opening> = {}) =>
    openS3({ ...usual, ...opening, ...more }, createEnvironment({ variables: {}, clock: opening.clock })).store
  const asked = () => server.requests.map(({ method, path }) => `${method} ${path}`)
  return { server, open, store: open(), asked }
}

/** Bytes to be sent once. */
export function sendable(data: Buffer): Body {
  return { content: contentOf(data), stream: () => Readable.from([data]) }
}
