/** The role of a project's member. */
export type Role = 'guest' | 'reporter' | 'developer' | 'maintainer'

/** The lowest first. */
const roles: readonly Role[] = ['guest', 'reporter', 'developer', 'maintainer']

/**
 * A fine-grained permission of other projects' job tokens. There is none that may add packages and may not delete them.
 * @see https://docs.gitlab.com/ci/jobs/fine_grained_permissions/
 */
export type JobTokenPermission = 'READ_PACKAGES' | 'ADMIN_PACKAGES' | 'READ_RELEASES' | 'ADMIN_RELEASES'

/** A project of the emulated instance. */
export interface Project {
  /** The project's number. */
  readonly id: number
  /** Its path with its namespace: `acme/acme`. */
  readonly path: string
  /** Who sees it: everybody, everybody with an account, or its members. @default private */
  readonly visibility?: 'public' | 'internal' | 'private' | undefined
  /** Its members' roles, by user name. @default a user who runs a job in it is a developer */
  readonly members?: Readonly<Record<string, Role>> | undefined
  /** The allowlist: the projects, by path, whose job tokens may come in, each with what it may do. @default none */
  readonly jobTokens?: Readonly<Record<string, readonly JobTokenPermission[] | 'everything'>> | undefined
  /** Who reads its packages. @default everybody who sees the project */
  readonly packageRegistry?: 'disabled' | 'members' | 'everyone' | undefined
  /** @default main */
  readonly defaultBranch?: string | undefined
  /** The commits of its branches, by name. @default the default branch, at aaaa… */
  readonly branches?: Readonly<Record<string, string>> | undefined
  /** The commits of its tags, by name. @default none */
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Who may create the tags that fit a pattern such as `v*`: the least role. @default none is protected */
  readonly protectedTags?: Readonly<Record<string, Role | 'nobody'>> | undefined
  /** The titles of its milestones. @default none */
  readonly milestones?: readonly string[] | undefined
}

/** A token of a person, a project's own, or one for deployments. */
export type Token =
  | {
      /** A person's: may do what its owner may. */
      readonly kind: 'personal'
      /** The owner. */
      readonly user: string
      /** @default api */
      readonly scope?: 'api' | 'read_api' | undefined
    }
  | {
      /** A project's: the token is a member of that one project. */
      readonly kind: 'project'
      /** The project's number. */
      readonly project: number
      /** Its role there. */
      readonly role: Role
      /** @default api */
      readonly scope?: 'api' | 'read_api' | undefined
    }
  | {
      /** For deployments: reaches packages alone. */
      readonly kind: 'deploy'
      /** The project's number. */
      readonly project: number
      /** The token's scopes. */
      readonly scopes: readonly ('read_package_registry' | 'write_package_registry')[]
    }

/** The entry of a record that a client names; nothing that every object has. */
export function entryOf<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}

/** Whether a role has all that another one has. */
export function isAtLeast(role: Role | undefined, least: Role): boolean {
  return role !== undefined && roles.indexOf(role) >= roles.indexOf(least)
}

/** The least role that may create a tag; `undefined` where it is not protected. */
export function protectionOf(project: Project, tag: string): Role | 'nobody' | undefined {
  const fitting = Object.entries(project.protectedTags ?? {}).filter(([pattern]) => matches(tag, pattern))
  // The rules add up: a tag can be created by anybody whom one of them lets.
  const [lowest] = fitting.map(([, role]) => role).sort((one, other) => rank(one) - rank(other))
  return lowest
}

function rank(role: Role | 'nobody'): number {
  return role === 'nobody' ? roles.length : roles.indexOf(role)
}

/** Whether a name is one of a rule's, in which `*` stands for anything. */
export function matches(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}
