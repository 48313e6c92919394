import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { UsageError } from '@stagegate/schema'

const run = promisify(execFile)

/** The identity of a Git checkout. */
export interface Checkout {
  /** Its top folder; for the copies that gitlab-ci-local makes for single jobs, that of the checkout they were copied from. */
  readonly root: string
  readonly commit: string
  readonly tags: readonly string[]
  /** `undefined` when no branch is checked out. */
  readonly branch: string | undefined
}

/** @throws {UsageError} when the folder is in no checkout with a commit, or git is missing */
export async function readCheckout(folder: string): Promise<Checkout> {
  const git = async (...words: string[]): Promise<string> => (await run('git', ['-C', folder, ...words], { timeout: 10_000 })).stdout.trim()
  try {
    const [top, commit, tags, branch] = await Promise.all([
      git('rev-parse', '--show-toplevel'),
      git('rev-parse', 'HEAD'),
      git('tag', '--points-at', 'HEAD'),
      git('branch', '--show-current'),
    ])
    // `gitlab-ci-local --shell-isolation` runs each job in a copy of the checkout, three folders below it.
    const root = top.replace(/\/\.gitlab-ci-local\/builds\/[^/]+$/, '')
    return { root, commit, tags: tags === '' ? [] : tags.split('\n'), branch: branch === '' ? undefined : branch }
  } catch (cause) {
    throw new UsageError({
      code: 'usage/no-checkout',
      what: 'a rehearsal takes its identity from a Git checkout with a commit, and there is none',
      where: folder,
      next: 'Run it in the checkout of the project that is to be released.',
      cause,
    })
  }
}
