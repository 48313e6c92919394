import { isAtLeast, type Role } from '../../gitlab/project.js'

/** Names that a rule is for, and the lowest role that may push there. */
export interface ProtectionRule {
  /** A tag's name, or a repository's path, matches it. */
  readonly matches: RegExp
  /** The least role that may push. */
  readonly push: Extract<Role, 'developer' | 'maintainer'>
}

/** A project of the emulated GitLab, as far as its container registry is concerned. */
export interface RegistryProject {
  /** `acme/hello`, in lower case as in the registry. */
  readonly path: string
  /** @default false */
  readonly isPublic?: boolean | undefined
  /** By user name. @default nobody */
  readonly members?: Readonly<Record<string, Role>> | undefined
  /** Settings > CI/CD > Job token permissions: projects whose jobs may read here. @default its own jobs alone */
  readonly jobTokenAllowlist?: readonly string[] | undefined
  /** By `NAME:TOKEN`; `write` includes `read`. @default none */
  readonly deployTokens?: Readonly<Record<string, 'read' | 'write'>> | undefined
  /** Protected container tags. @default none */
  readonly protectedTags?: readonly ProtectionRule[] | undefined
  /** Immutable container tags. @default none */
  readonly immutableTags?: readonly RegExp[] | undefined
  /** Protected container repositories. @default none */
  readonly protectedRepositories?: readonly ProtectionRule[] | undefined
}

/** The project that a repository of the registry belongs to: its path, or that and at most two names more (`ContainerRegistry::Path`). */
export function projectOf<P extends Pick<RegistryProject, 'path'>>(projects: readonly P[], repository: string): P | undefined {
  const names = repository.split('/')
  const paths = [0, 1, 2].map((levels) => names.slice(0, names.length - levels).join('/'))
  return paths.flatMap((path) => projects.find((project) => project.path === path) ?? [])[0]
}

/** Whether a member's role suffices; who is no member has none. */
export function hasRole({ members = {} }: Pick<RegistryProject, 'members'>, user: string | undefined, least: Role): boolean {
  return isAtLeast(user === undefined ? undefined : members[user], least)
}
