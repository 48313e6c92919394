import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A project on a GitLab. */
export interface GitlabProject {
  /** `https://gitlab.example`. @default https://gitlab.com */
  readonly url?: string
  /** `group/project` */
  readonly path: string
}

/** The project of a checkout's remote `origin`; `undefined` if there is none, or it is on GitHub or Bitbucket. */
export async function remoteProject(folder: string): Promise<GitlabProject | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['remote', 'get-url', 'origin'], { cwd: folder, timeout: 10_000 })
    return projectIn(stdout.trim())
  } catch {
    // No git, no checkout, or no such remote: the project is unknown.
    return undefined
  }
}

/** The project of an address in git's forms: `git@gitlab.com:acme/hello.git`, `https://gitlab.example/acme/hello`. */
export function projectIn(remote: string): GitlabProject | undefined {
  const [, host = '', path = ''] =
    /^(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/:]+)(?::\d+)?\/(.+?)(?:\.git)?\/?$/.exec(remote) ??
    /^(?:[^/@:]+@)?([^/:]+):(?!\/)(.+?)(?:\.git)?\/?$/.exec(remote) ??
    []
  if (!isProjectPath(path) || !/^[\w.-]+\.[\w-]+$/.test(host) || /(?:^|\.)(?:github|bitbucket)\./.test(host)) return undefined
  return host === 'gitlab.com' ? { path } : { path, url: `https://${host}` }
}

export function isProjectPath(path: string): boolean {
  return /^[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)+$/.test(path)
}
