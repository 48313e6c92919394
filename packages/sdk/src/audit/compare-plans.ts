import type { PlannedRelease, PlannedRepository, ReleasePlan } from '@stagegate/schema'
import type { Weakening } from './weakening.js'

/** The hold, the clicks and the credentials that the plan now protects less. Without both plans nothing is said. */
export function weakerPlan(old: ReleasePlan | undefined, now: ReleasePlan | undefined): readonly Weakening[] {
  if (old === undefined || now === undefined) return []
  const variables = now.allowedVariables.filter((name) => !old.allowedVariables.includes(name))
  return [
    ...now.releases.flatMap((release) => {
      const was = old.releases.find(({ id }) => id === release.id)
      return was === undefined ? [] : weakerRelease(was, release)
    }),
    ...(variables.length > 0 ? [{ is: 'allowed', variables } as const] : []),
    ...Object.entries(now.repositories).flatMap(([name, repository]) => {
      const was = old.repositories[name]
      return was === undefined ? [] : weakerRepository(name, was, repository)
    }),
  ]
}

function weakerRelease(was: PlannedRelease, is: PlannedRelease): readonly Weakening[] {
  const { id: release } = is
  return [
    ...(is.hold < was.hold ? [{ is: 'hold', release, before: was.hold, now: is.hold } as const] : []),
    ...(is.approval === 'once' && was.approval === 'each' ? [{ is: 'one-click', release } as const] : []),
    ...is.deployments.flatMap(({ id, remote }): Weakening[] => {
      const before = was.deployments.find((deployment) => deployment.id === id)?.remote
      if (before === undefined || remote === undefined || before.url === remote.url) return []
      return [{ is: 'moved', secrets: 'tokens', owner: id, before: before.url, now: remote.url }]
    }),
  ]
}

function weakerRepository(name: string, was: PlannedRepository, is: PlannedRepository): readonly Weakening[] {
  const known = credentialsOf(was)
  const added = credentialsOf(is).filter((one) => !known.includes(one))
  return [
    ...(was.origin === is.origin
      ? []
      : [{ is: 'moved', secrets: 'credentials', owner: name, before: was.origin, now: is.origin } as const]),
    ...(is.module === undefined || is.module.sha256 === was.module?.sha256
      ? []
      : [{ is: 'module', repository: name, module: is.module.path } as const]),
    ...(added.length > 0 ? [{ is: 'credential', repository: name, credentials: added } as const] : []),
  ]
}

function credentialsOf({ credentials }: PlannedRepository): readonly string[] {
  return [...credentials.read, ...credentials.write]
}
