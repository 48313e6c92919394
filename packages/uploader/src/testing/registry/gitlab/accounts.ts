import type { IncomingMessage } from 'node:http'
import { hasRole, type ProtectionRule, projectOf, type RegistryProject } from './projects.js'

/** A job that runs. */
export interface RegistryJob {
  /** The path of its project. */
  readonly project: string
  /** Who started it. */
  readonly user: string
}

/** Who asks for a token. */
export type Asker =
  | { readonly is: 'nobody' }
  | { readonly is: 'job'; readonly job: RegistryJob }
  | { readonly is: 'deploy token'; readonly project: RegistryProject; readonly may: 'read' | 'write' }

/** Access to one repository, as it is written into a token. */
export interface Access {
  readonly name: string
  readonly actions: readonly string[]
  /** Tags that its holder may not push. */
  readonly denied: readonly RegExp[]
  /** Tags that nobody moves. */
  readonly immutable: readonly RegExp[]
}

/** The account of a request; `undefined` for one that is not known. */
export function askerOf(
  { headers: { authorization } }: IncomingMessage,
  projects: readonly RegistryProject[],
  jobOf: (token: string) => RegistryJob | undefined,
): Asker | undefined {
  if (authorization === undefined) return { is: 'nobody' }
  const account = Buffer.from(/^Basic (.+)$/.exec(authorization)?.[1] ?? '', 'base64').toString()
  const job = account.startsWith('gitlab-ci-token:') ? jobOf(account.slice('gitlab-ci-token:'.length)) : undefined
  if (job !== undefined) return { is: 'job', job }
  const found = projects.flatMap((project) => {
    const may = project.deployTokens?.[account]
    return may === undefined ? [] : [{ is: 'deploy token', project, may } as const]
  })
  return found[0]
}

/** What is granted of a scope: `repository:acme/hello:pull,push`. `undefined` is nothing at all (app/services/auth/container_registry_authentication_service.rb). */
export function grant(scope: string, asker: Asker, projects: readonly RegistryProject[]): Access | undefined {
  const [type, name = '', actions = ''] = scope.split(':')
  const project = projectOf(projects, name)
  if (type !== 'repository' || project === undefined) return undefined
  const granted = actions.split(',').filter((action) => may(asker, action, project))
  if (granted.length === 0) return undefined
  const pushes = granted.includes('push')
  const user = asker.is === 'job' ? asker.job.user : undefined
  return {
    name,
    actions: granted,
    denied: pushes ? denying(project.protectedTags, project, user) : [],
    immutable: pushes ? (project.immutableTags ?? []) : [],
  }
}

/** Whether a rule keeps the asker from pushing to a repository at all. */
export function isProtected({ name, actions }: Access, asker: Asker, projects: readonly RegistryProject[]): boolean {
  const project = projectOf(projects, name)
  if (project === undefined || !actions.includes('push')) return false
  const user = asker.is === 'job' ? asker.job.user : undefined
  return denying(project.protectedRepositories, project, user).some((pattern) => pattern.test(name))
}

/** A deploy token has no role, so that each rule holds for it. */
function denying(rules: readonly ProtectionRule[] = [], project: RegistryProject, user: string | undefined): readonly RegExp[] {
  return rules.filter(({ push }) => !hasRole(project, user, push)).map(({ matches }) => matches)
}

/** GitLab lets jobs delete, too; here nobody may, as nothing of ours ever does. */
function may(asker: Asker, action: string, project: RegistryProject): boolean {
  if (action === 'pull' && project.isPublic) return true
  switch (asker.is) {
    case 'nobody':
      return false
    case 'deploy token':
      return asker.project === project && (action === 'pull' || (action === 'push' && asker.may === 'write'))
    case 'job':
      return mayJob(asker.job, action, project)
  }
}

/** A job pushes to its own project alone, whatever the allowlist of another says. */
function mayJob({ project: own, user }: RegistryJob, action: string, project: RegistryProject): boolean {
  const isOwn = own === project.path
  if (action === 'push') return isOwn && hasRole(project, user, 'developer')
  const isAllowed = isOwn || (project.jobTokenAllowlist ?? []).includes(own)
  return action === 'pull' && isAllowed && hasRole(project, user, 'reporter')
}
