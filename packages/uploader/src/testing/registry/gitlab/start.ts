import { type GitlabPart, type GitlabServer, startGitlab } from '../../gitlab/start.js'
import type { ServerTls } from '../../server/tls.js'
import { type RegistryOptions, type RegistryServer, startRegistry } from '../start.js'
import { RegistryTokenService, type TokenServiceOptions } from './token-service.js'

/** The options of `startGitlabRegistry`. */
export interface GitlabRegistryOptions extends TokenServiceOptions, Pick<RegistryOptions, 'maxPerPage' | 'leastPiece' | 'closesOnError'> {
  /** Whether it lists referrers; GitLab's does not. @default false */
  readonly referrers?: boolean | undefined
  /** Further parts of GitLab's API. @default none */
  readonly parts?: readonly GitlabPart[] | undefined
  /** @default plain HTTP */
  readonly tls?: ServerTls | undefined
}

/** A GitLab with a container registry of its own address. */
export interface GitlabRegistry {
  /** The issuer of tokens. */
  readonly gitlab: GitlabServer
  /** The registry itself. */
  readonly registry: RegistryServer
  /** Its jobs and tokens. */
  readonly tokens: RegistryTokenService
  /** Ends both. */
  close(): Promise<void>
}

/**
 * GitLab's container registry on loopback, with the issuer of its tokens on another address. It is as the registry of GitLab 18 with the
 * metadata database: without a list of referrers, taking the tag `sha256-HEX` for a digest, and with no manifest before its subject.
 * @example
 * const { gitlab, registry, tokens } = await startGitlabRegistry({ tls, projects: [{ path: 'acme/hello', members: { ada: 'developer' } }] })
 * const jobToken = tokens.startJob({ project: 'acme/hello', user: 'ada' })
 */
export async function startGitlabRegistry(options: GitlabRegistryOptions): Promise<GitlabRegistry> {
  const { referrers = false, parts = [], tls, maxPerPage, leastPiece, closesOnError } = options
  const tokens = new RegistryTokenService(options)
  const gitlab = await startGitlab([tokens, ...parts], { tls })
  const registry = await startRegistry({
    tls,
    referrers,
    maxPerPage,
    leastPiece,
    closesOnError,
    tagsAreDigests: true,
    subjectsFirst: true,
    guard: tokens.guard(gitlab.url),
  })
  return {
    gitlab,
    registry,
    tokens,
    async close() {
      await registry.close()
      await gitlab.close()
    },
  }
}
