import { execFile } from 'node:child_process'
import { lstat, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { UsageError } from '@stagegate/schema'

const run = promisify(execFile)

/** The identity of a Git checkout. */
export interface Checkout {
  /** Its top folder; for a copy that gitlab-ci-local makes for a single job, the top folder of the original checkout. */
  readonly root: string
  /** The complete hash of the commit. */
  readonly commit: string
  /** Tags that point at the commit. */
  readonly tags: readonly string[]
  /** `undefined` when no branch is checked out. */
  readonly branch: string | undefined
}

/**
 * The checkout that contains a folder: the nearest folder with a `.git`, whatever Git's variables and settings say.
 * @throws {UsageError} the folder is in no checkout with a commit, git is missing, or Git is set to use another folder as the checkout
 */
export async function readCheckout(folder: string): Promise<Checkout> {
  try {
    const [top, commit, tags, branch] = await Promise.all([
      topOf(folder),
      git(folder, 'rev-parse', 'HEAD'),
      git(folder, 'tag', '--points-at', 'HEAD'),
      git(folder, 'branch', '--show-current'),
    ])
    const root = await originalOf(top, commit)
    return { root, commit, tags: tags === '' ? [] : tags.split('\n'), branch: branch === '' ? undefined : branch }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw noCheckout(folder, cause)
  }
}

/** A runner empties the folder before each job, and leaves no checkout if a job asks for none. */
function noCheckout(folder: string, cause: unknown): UsageError {
  const isJob = process.env['GITLAB_CI'] === 'true'
  return new UsageError({
    code: 'usage/no-checkout',
    what: `a rehearsal needs a Git checkout with a commit, but ${isJob ? 'this GitLab job has' : 'there is'} none`,
    where: folder,
    next: isJob
      ? 'A rehearsal is for your own checkout, or for gitlab-ci-local. Remove STAGEGATE_REHEARSAL to run the job for real. To rehearse on a runner, set GIT_STRATEGY=fetch and GIT_CLEAN_FLAGS=none for the pipeline.'
      : 'Run it in the checkout of the project that you want to release.',
    cause,
  })
}

async function git(folder: string, ...words: string[]): Promise<string> {
  // Git's own variables could make another folder the checkout, or run programs.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toUpperCase().startsWith('GIT_')))
  return (await run('git', ['-C', folder, ...words], { timeout: 10_000, env })).stdout.trim()
}

/** @throws {UsageError} `core.worktree` makes another folder the checkout */
async function topOf(folder: string): Promise<string> {
  const said = await git(folder, 'rev-parse', '--show-toplevel')
  const [top, nearest] = [await realpath(said), await nearestCheckout(await realpath(folder))]
  if (top === nearest) return said
  throw new UsageError({
    code: 'usage/other-checkout',
    what: `Git is configured to use ${said} as the checkout of ${folder}`,
    next: 'A rehearsal writes only below the checkout in which it starts. Unset core.worktree there: git config --unset core.worktree.',
  })
}

async function nearestCheckout(folder: string): Promise<string | undefined> {
  if (await isThere(join(folder, '.git'))) return folder
  return dirname(folder) === folder ? undefined : nearestCheckout(dirname(folder))
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** The checkout that `gitlab-ci-local --shell-isolation` copied for a job, three folders above it, if it has the same commit. */
async function originalOf(top: string, commit: string): Promise<string> {
  const original = /^(.+)\/\.gitlab-ci-local\/builds\/[^/]+$/.exec(top)?.[1]
  if (original === undefined || !(await isThere(join(original, '.git')))) return top
  const theirs = await git(original, 'rev-parse', 'HEAD').catch(() => undefined)
  return theirs === commit && (await topOf(original)) === original ? original : top
}
