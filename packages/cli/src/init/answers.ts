import { createInterface } from 'node:readline/promises'
import { UsageError } from '@stagegate/schema'
import { type GitlabProject, isProjectPath } from './remote.js'

/** The answers from which a first pipeline is made. */
export interface Answers {
  /** The product: `acme`. */
  readonly name: string
  readonly distributions: readonly string[]
  /** The packagecloud account, or `undefined` for directories on the runner. */
  readonly account: string | undefined
  /** The project on GitLab, whose packages and page of releases are used without a packagecloud account; `undefined` if unknown. */
  readonly project: GitlabProject | undefined
  /** A job that already builds the packages; `undefined` if a script does. */
  readonly buildJob: string | undefined
  /** The job of the existing pipeline that starts the release as a child; `undefined` if none does. */
  readonly startedBy: string | undefined
}

interface Given {
  readonly name?: string | undefined
  readonly distribution?: readonly string[] | undefined
  readonly packagecloud?: string | undefined
  /** `group/project`, or `-`. */
  readonly project?: string | undefined
  /** The project from the checkout's remote. */
  readonly remote?: GitlabProject | undefined
  readonly buildJob?: string | undefined
  readonly startedBy?: string | undefined
  readonly yes?: boolean | undefined
}

/**
 * Asks for missing answers if there is somebody to ask; otherwise uses the defaults.
 * @throws {UsageError} an invalid answer
 */
export async function answersFor(given: Given, defaultName: string): Promise<Answers> {
  const asks = given.yes !== true && process.stdin.isTTY === true
  const terminal = asks ? createInterface({ input: process.stdin, output: process.stderr }) : undefined
  const ask = async (question: string, known: string | undefined, usual: string) =>
    known ?? ((await terminal?.question(`${question} [${usual}] `)) || usual)
  // Each answer is checked before the next question.
  try {
    const name = soundName(await ask('What is the name of the product?', given.name, defaultName))
    const listed = await ask(
      'Which distributions? Separate them with spaces.',
      given.distribution?.join(' '),
      'ubuntu/noble debian/bookworm el/9',
    )
    const distributions = soundDistributions(listed.split(/[\s,]+/).filter((part) => part !== ''))
    const account = given.packagecloud === undefined || given.packagecloud === '-' ? undefined : soundAccount(given.packagecloud)
    const { buildJob, startedBy, remote } = given
    const path = await ask('Which GitLab project? Use - for directories.', given.project, remote?.path ?? '-')
    const project = path === '-' ? undefined : { path: soundProject(path), ...(remote?.url !== undefined && { url: remote.url }) }
    return { name, distributions, account, project, buildJob, startedBy }
  } finally {
    terminal?.close()
  }
}

const wrong = (what: string, next: string) => new UsageError({ code: 'usage/init', what, next })

function soundName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return name
  throw wrong(`${JSON.stringify(name)} is not a valid product name`, 'Use letters, digits and ._-, such as acme.')
}

function soundDistributions(distributions: readonly string[]): readonly string[] {
  if (distributions.length === 0) throw wrong('no distribution was given', 'Name at least one, such as ubuntu/noble.')
  const odd = distributions.find((distribution) => !/^[a-z][a-z0-9_-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(distribution))
  if (odd !== undefined) throw wrong(`${JSON.stringify(odd)} is not a distribution`, 'Write it as ubuntu/noble or el/9.')
  return distributions
}

function soundProject(path: string): string {
  if (isProjectPath(path)) return path
  throw wrong(`${JSON.stringify(path)} is not the path of a GitLab project`, 'Use the path in its address, such as acme/hello.')
}

function soundAccount(account: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(account)) return account
  throw wrong(`${JSON.stringify(account)} is not a packagecloud account`, 'Use the first part of a repository name such as acme/stable.')
}
