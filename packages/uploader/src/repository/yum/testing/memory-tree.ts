import { instant } from '@stagegate/schema'
import { expect } from 'vitest'
import { MemoryFiles } from '../../../testing/memory-store.js'
import { virtualClock } from '../../../testing/virtual-clock.js'
import { type Built, openYum, publish, shownBy, signing } from '../../indexed/testing/trees.js'
import { readYum } from '../../indexed/testing/yum-reader.js'
import { signRepomd } from '../signed-repomd.js'

/** The index of `el/9`, the distribution of the packages that tests build. */
export const top = 'el/9/repodata/repomd.xml'

/** The answer of `publishInto` for one package without problems. */
export const published = [['published', undefined, '']]

/** The bytes of a file; `undefined`: it is not there. */
export const bytesOf = (files: MemoryFiles, path: string) => files.files.get(path as never)?.data

/** The packages that clients find, a line for each. @throws {Error} where the index is broken */
export function listed(files: MemoryFiles, folder = 'el/9'): readonly string[] {
  const { packages = [] } = readYum(shownBy(files), folder) ?? {}
  return packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}`).sort()
}

/** Lets somebody else write a file. */
export function write(files: MemoryFiles, path: string, data: Buffer | string) {
  files.put(path as never, Buffer.from(data), instant(0))
}

/** Lets somebody else remove a file. */
export function remove(files: MemoryFiles, path: string) {
  if (!files.files.delete(path as never)) throw new Error(`${path} is not there`)
}

/** The first path of this form. */
export const pathOf = (files: MemoryFiles, pattern: RegExp) => [...files.files.keys()].find((path) => pattern.test(path)) ?? ''

/** A repository in memory, and the clock of its writers. */
export interface MemoryTree {
  readonly files: MemoryFiles
  readonly clock: ReturnType<typeof virtualClock>
}

/** A repository with these packages. */
export async function repositoryWith(rpms: readonly Built[], settings = {}): Promise<MemoryTree> {
  const [files, clock] = [new MemoryFiles(), virtualClock()]
  const outcomes = await publish(openYum(files, clock, { settings }), rpms, { clock })
  expect(outcomes.map(({ verdict }) => verdict)).toEqual(rpms.map(() => 'published'))
  return { files, clock }
}

/** Publishes, and tells the verdicts, and the codes and words of problems. */
export async function publishInto({ files, clock }: MemoryTree, rpms: readonly Built[], options: Parameters<typeof openYum>[2] = {}) {
  const outcomes = await publish(openYum(files, clock, options), rpms, { clock })
  return outcomes.map(({ verdict, problem }) => [verdict, problem?.code, problem?.message ?? ''] as const)
}

/** The text of the index, without the signature in it. */
export function unsigned(files: MemoryFiles): string {
  return (
    bytesOf(files, top)
      ?.toString()
      .replace(/<!-- stagegate-signature.*\n/, '') ?? ''
  )
}

/** Writes an index that we signed, with another text. */
export async function resign(files: MemoryFiles, change: (text: string) => string): Promise<void> {
  write(files, top, await signRepomd(Buffer.from(change(unsigned(files))), undefined, signing, instant(0)))
}
