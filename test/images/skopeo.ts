import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import type { Made } from '../tasks/layout.mjs'

const execute = promisify(execFile)

interface Account {
  /** `NAME:PASSWORD` */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The independent witness: an image with all its platforms, bytes as they are. `from` and `to` are skopeo's names. */
export async function copy(from: string, to: string, account: Account = {}): Promise<void> {
  const flags = ['--all', '--preserve-digests', '--quiet']
  if (account.from !== undefined) flags.push(`--src-creds=${account.from}`)
  if (account.to !== undefined) flags.push(`--dest-creds=${account.to}`)
  await run(['copy', ...flags, from, to])
}

/** The same, made over into Docker's own media types. */
export async function convert(from: string, to: string): Promise<void> {
  await run(['copy', '--all', '--format=v2s2', '--quiet', from, to])
}

/** An image's manifest, as skopeo gets it; its digest is that of the bytes, not what the registry says. */
export async function manifestOf(image: string, creds?: string): Promise<Made> {
  const flags = ['--raw', ...(creds === undefined ? [] : [`--creds=${creds}`])]
  const { stdout } = await run(['inspect', ...flags, image])
  const { mediaType } = JSON.parse(stdout.toString())
  return { mediaType, digest: `sha256:${createHash('sha256').update(stdout).digest('hex')}`, size: stdout.length }
}

export async function digestOf(image: string, creds?: string): Promise<string> {
  return (await manifestOf(image, creds)).digest
}

export async function tagsOf(image: string): Promise<readonly string[]> {
  const { Tags } = JSON.parse((await run(['list-tags', image])).stdout.toString())
  return Tags
}

function run(words: readonly string[]): Promise<{ stdout: Buffer }> {
  // Go's name for what Node trusts beside what it brings itself: the run's own authority.
  const env = { ...process.env, SSL_CERT_FILE: process.env['NODE_EXTRA_CA_CERTS'] }
  return execute('skopeo', ['--insecure-policy', ...words], { encoding: 'buffer', timeout: 60_000, maxBuffer: 64 * 1024 * 1024, env })
}
