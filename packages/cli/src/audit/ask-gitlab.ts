import { UsageError } from '@stagegate/schema'
import { createEnvironment } from '@stagegate/uploader'
import { askForLint, type CiLint } from '@stagegate/uploader/gitlab'

export interface GitlabOptions {
  readonly gitlab?: string
  readonly project?: string
  readonly ref?: string
  readonly tokenVariable: string
}

/** GitLab's own judgement. */
export interface GitlabAnswer extends CiLint {
  readonly url: string
  readonly ref: string | undefined
}

const proxies = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()])

/** @throws {UsageError} options that need each other; as `askForLint` */
export async function askGitlab(content: string | undefined, options: GitlabOptions): Promise<GitlabAnswer | undefined> {
  const { gitlab: url, project, ref, tokenVariable: token } = options
  if (url === undefined) {
    const alone = project === undefined ? (ref === undefined ? undefined : '--ref') : '--project'
    if (alone === undefined) return undefined
    throw new UsageError({ code: 'usage/options', what: `${alone} needs --gitlab URL`, next: 'Name the GitLab to ask.' })
  }
  if (project === undefined)
    throw new UsageError({
      code: 'usage/options',
      what: '--gitlab needs --project PATH',
      next: 'Name the project in which GitLab checks the file.',
    })
  const environment = createEnvironment({ variables: process.env, base: process.cwd(), rehearsal: false, proxyVariables: proxies })
  return { url, ref, ...(await askForLint({ url, project, content, ref, token }, environment)) }
}
