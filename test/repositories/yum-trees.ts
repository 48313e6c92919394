import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProgramReceipt, type PublicRepository, release, type YumRepositoryOptions, yumRepository } from '@stagegate/uploader'
import { makeRpm } from '@stagegate/uploader/testing'
import type { Key } from '../tasks/keys.mjs'
import { contentOf } from './source.js'
import { allPublished, type Built, built, type Trees } from './trees.js'

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

/** Releases packages. */
export async function publish(trees: Pick<Trees, 'on'>, settings: Settings, packages: readonly Built[]): Promise<ProgramReceipt> {
  return release({
    name: 'acme',
    version: '1.0',
    from: built(packages, distribution),
    files: ['**/*.rpm'],
    to: { yum: openTree(trees, settings) },
  })
}

/** Releases packages, all of which are public then. */
export async function published(...given: Parameters<typeof publish>): Promise<void> {
  await allPublished(publish(...given))
}

/** The sha256 of each file below a folder that has this ending. */
export function digestsBelow(folder: string, ending = '.rpm'): readonly string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(ending))
  return paths.map((path) => contentOf(readFileSync(join(folder, path))).sha256).sort()
}
