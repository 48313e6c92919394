import type { GenericPackages, GitlabServer, Releases, ServerTls } from '@stagegate/uploader/testing'

/** A GitLab of one project, whose member ada starts jobs. */
export interface WholeGitlab {
  readonly url: string
  /** The address of its registry. */
  readonly registry: string
  readonly packages: GenericPackages
  readonly releases: Releases
  violations(): readonly unknown[]
  requests(): GitlabServer['requests']
  /** Pushes the tag, at this commit. */
  push(commit: string): void
  /** The token of a job of the tag's pipeline. */
  startJob(name: string, pipeline?: number): string
  endJob(token: string): void
  close(): Promise<void>
}

export interface WholeGitlabOptions {
  /** The project's path. */
  readonly path: string
  readonly tag: string
  readonly tls: ServerTls
  /** @default private */
  readonly visibility?: 'public' | 'private'
}

export function startWholeGitlab(options: WholeGitlabOptions): Promise<WholeGitlab>

/** A pipeline's text that is for gitlab.com, for this one: the project's address, and registries. */
export function onGitlab(text: string, gitlab: Pick<WholeGitlab, 'url' | 'registry'>, ca: string): string

/** The commit of a checkout. */
export function headOf(checkout: string): string
