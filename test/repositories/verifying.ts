import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import {
  type BucketOptions,
  type Finding,
  type PackageCoordinates,
  type PackageManager,
  type PublicRepository,
  type VerifyOptions,
  verify,
} from '@stagegate/uploader'
import { manifestOf } from '../../packages/uploader/src/testing/fixtures.js'
import { contentOf } from './source.js'
import type { Built } from './trees.js'

/** A folder behind a web server, as its users reach it: a bucket of which only the public address is asked. */
export const behind = (url: string): BucketOptions => ({ bucket: 'unused', region: 'us-east-1', endpoint: url, readAt: url })

/** Roots of package managers that are still there. */
export function leftBehind(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('stagegate-packages-'))
}

/** The sealed package: its own bytes, or others that were sealed under its name. */
export interface Sealed {
  readonly built: Built
  readonly at: PackageCoordinates
  readonly data?: Buffer
}

/** What `verify` says of packages that one package manager reads, too. */
export async function verifying(
  repository: PublicRepository,
  sealed: readonly Sealed[],
  by: PackageManager,
  more: Partial<VerifyOptions> = {},
): Promise<readonly Finding[]> {
  const manifest = manifestOf(sealed.map(({ built, at, data = built.data }) => ({ coordinates: at, content: contentOf(data) })))
  const packageManagers = Object.fromEntries(manifest.targets.map(({ target }) => [target, by]))
  const options = { origin: manifest.origin, repositories: { stable: repository }, deadline: 0, ...more }
  return (await verify(manifest, { packageManagers, ...options })).findings
}

/** `index-broken apt: client/refused` for a finding. */
export const short = ({ found, by, problem }: Finding) => [found, by ?? 'alone', ...(problem ? [problem.code] : [])].join(' ')
