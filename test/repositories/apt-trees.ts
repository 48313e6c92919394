import { readFileSync } from 'node:fs'
import {
  type AptRepositoryOptions,
  aptRepository,
  type ProgramReceipt,
  type PublicRepository,
  release,
  type StagingRepository,
} from '@stagegate/uploader'
import { makeDeb } from '@stagegate/uploader/testing'
import { ca } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import { AptClient } from '../tasks/apt.mjs'
import type { Key } from '../tasks/keys.mjs'
import { contentOf } from './source.js'
import { allPublished, type Built, built, type Trees } from './trees.js'

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
  const from = built(packages, distribution)
  return release({ name: 'acme', version: '1.0', from, files: ['**/*.deb'], to: { apt: openTree(trees, settings) } })
}

/** Releases packages, all of which are public then. */
export async function published(...given: Parameters<typeof publish>): Promise<void> {
  await allPublished(publish(...given))
}

export interface ClientOptions {
  readonly suite?: string | undefined
  readonly settings?: Readonly<Record<string, string>>
  readonly programs?: string
}

/** A machine that trusts these keys. */
export function clientOf(url: string, keys: readonly Key[], { suite = 'stable', ...options }: ClientOptions = {}): AptClient {
  const certificate = keys.map((key) => key.certificate).join('\n')
  return new AptClient(temporaryFolder(), { source: `${url} ${suite} main`, certificate, ca, ...options })
}

export const sha256Of = (file: string) => contentOf(readFileSync(file)).sha256
