import type { IncomingMessage } from 'node:http'
import type { Job, Jobs } from './jobs.js'
import { entryOf, isAtLeast, type JobTokenPermission, type Project, type Role, type Token } from './project.js'

/** Who asks. */
export type Asker = { readonly kind: 'nobody' } | { readonly kind: 'job'; readonly job: Job } | Token

/** The credentials that an endpoint looks at, beside tokens of persons and projects. */
export interface Accepted {
  /** A job's. `refused` is answered with 401. */
  readonly job: boolean
  /** Tokens for deployments, and any token as the password of Basic. */
  readonly deployAndBasic: boolean
}

/**
 * Who asks, by the headers that GitLab reads; `undefined` for a credential that is wrong, over, or not for this endpoint.
 * A credential that an endpoint does not look at is none, as lib/gitlab/auth/auth_finders.rb has it. A job's token is refused instead: a
 * client that sends it there expects more than a visitor gets.
 */
export function askerOf(
  { headers }: IncomingMessage,
  jobs: Jobs | undefined,
  tokens: ReadonlyMap<string, Token>,
  accepted: Accepted,
): Asker | undefined {
  const given = credentialsOf(headers, accepted.deployAndBasic)
  const [first] = given
  if (first === undefined) return { kind: 'nobody' }
  const [header, value] = first
  const job = header === 'private-token' || header === 'deploy-token' ? undefined : jobs?.byToken(value)
  if (job !== undefined) return accepted.job ? { kind: 'job', job } : undefined
  const token = header === 'job-token' ? undefined : tokens.get(value)
  if (token === undefined) return undefined
  if (token.kind === 'deploy') return header === 'deploy-token' || header === 'basic' ? token : undefined
  return header === 'deploy-token' ? undefined : token
}

function credentialsOf(headers: IncomingMessage['headers'], deployAndBasic: boolean): (readonly [string, string])[] {
  const names = ['private-token', 'job-token', ...(deployAndBasic ? ['deploy-token'] : [])]
  const found = names.flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  const [, scheme = '', rest = ''] = /^(\S+) +(.+)$/.exec(headers.authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') found.push(['bearer', rest])
  // The user's name is ignored, and the token is the password.
  if (scheme.toLowerCase() === 'basic' && deployAndBasic)
    found.push([
      'basic',
      Buffer.from(rest, 'base64')
        .toString()
        .replace(/^[^:]*:/, ''),
    ])
  return found
}

/** Something that can be allowed in a project. */
export type Ability = 'read_project' | 'read_code' | 'read_package' | 'create_package' | 'read_release' | 'create_release'

/** Whether somebody may do something in a project: app/policies/project_policy.rb, as far as it is needed here. */
export function may(asker: Asker, project: Project, ability: Ability): boolean {
  const role = roleIn(asker, project)
  const sees = isVisible(asker, project)
  switch (ability) {
    case 'read_project':
      return sees || isAtLeast(role, 'guest') || isDeploying(asker, project)
    case 'read_release':
      return sees || isAtLeast(role, 'guest')
    case 'read_code':
      return sees || isAtLeast(role, 'reporter')
    case 'read_package':
      return mayReadPackages(asker, project, sees, role)
    case 'create_package':
      return project.packageRegistry !== 'disabled' && (isAtLeast(role, 'developer') || hasScope(asker, project, 'write_package_registry'))
    case 'create_release':
      return isAtLeast(role, 'developer')
  }
}

function mayReadPackages(asker: Asker, project: Project, sees: boolean, role: Role | undefined): boolean {
  if (project.packageRegistry === 'disabled') return false
  if (project.packageRegistry === 'everyone') return true
  // Guests of a private project see the project, and not its packages.
  const isMember = isAtLeast(role, 'reporter') || hasScope(asker, project, 'read_package_registry')
  return isMember || (sees && project.packageRegistry !== 'members')
}

/** The role that somebody has in a project; a job has its user's, where its own project is let in at all. */
export function roleIn(asker: Asker, project: Project): Role | undefined {
  switch (asker.kind) {
    case 'personal':
      return entryOf(project.members, asker.user)
    case 'project':
      return asker.project === project.id ? asker.role : undefined
    case 'job': {
      const { user, project: own } = asker.job
      if (own.id === project.id) return project.members === undefined ? 'developer' : entryOf(project.members, user)
      return entryOf(project.jobTokens, own.path) === undefined ? undefined : entryOf(project.members, user)
    }
    default:
      return undefined
  }
}

/** Whether a job's token has a fine-grained permission in a project; its own project limits nothing. */
export function isPermitted(asker: Asker, project: Project, permission: JobTokenPermission): boolean {
  if (asker.kind !== 'job' || asker.job.project.id === project.id) return true
  const granted = entryOf(project.jobTokens, asker.job.project.path)
  if (granted === undefined || granted === 'everything') return granted === 'everything'
  return granted.includes(permission) || granted.some((one) => one === permission.replace(/^READ/, 'ADMIN'))
}

/** Whether somebody sees a project without being its member. */
export function isVisible(asker: Asker, { visibility }: Project): boolean {
  if (visibility === 'internal') return asker.kind === 'job' || asker.kind === 'personal' || asker.kind === 'project'
  return visibility === 'public'
}

function isDeploying(asker: Asker, project: Project): boolean {
  return asker.kind === 'deploy' && asker.project === project.id
}

function hasScope(asker: Asker, project: Project, scope: 'read_package_registry' | 'write_package_registry'): boolean {
  return asker.kind === 'deploy' && asker.project === project.id && asker.scopes.includes(scope)
}
