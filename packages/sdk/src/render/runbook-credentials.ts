import type { Job } from '../job/job.js'
import type { Release } from '../release/release.js'
import { leading } from '../release/route.js'
import { isEverywhere, type Secret, unique } from '../secret.js'
import { code, row } from './markdown.js'

/** The chapter of the runbook with the settings of GitLab, Vault and clouds: names and places, never values. */
export function credentials(releases: readonly Release[], jobs: readonly Job[]): string {
  const secrets = unique(jobs.flatMap(({ definition }) => definition.secrets))
  if (secrets.length === 0) return '## Credentials\n\nThese repositories need none.'
  const users = new SecretUsers(releases, jobs)
  const fetched = secrets.filter(({ vault }) => vault !== undefined)
  const tokens = secrets.filter(({ idToken }) => idToken !== undefined)
  const others = secrets.filter(({ vault, idToken }) => vault === undefined && idToken === undefined)
  const [given, set] = [others.filter(isEverywhere), others.filter((secret) => !isEverywhere(secret))]
  return [
    '## Credentials',
    ...(set.length === 0 ? [] : [settings(set, users)]),
    ...(fetched.length === 0 ? [] : [vault(fetched, users)]),
    ...(tokens.length === 0 ? [] : [idTokens(tokens, users)]),
    ...given.map(
      (secret) => `${code(secret.variable)} (${users.namesOf(secret)}) comes from GitLab: every job has it, and you do not need to set it.`,
    ),
    protection(releases),
  ].join('\n\n')
}

/** Lists the jobs that use a secret. */
class SecretUsers {
  readonly #jobs: readonly Job[]
  readonly #publishing: ReadonlySet<Job>

  constructor(releases: readonly Release[], jobs: readonly Job[]) {
    this.#jobs = jobs
    this.#publishing = new Set(
      releases.flatMap(({ targets, pages }) => [...targets.map((target) => target.jobs.publish), ...pages.flatMap((page) => page.jobs)]),
    )
  }

  /** Their names, up to the colon. */
  namesOf(secret: Secret): string {
    return [...new Set(this.#usersOf(secret).map(({ name }) => name.replace(/: .*/, '')))].join(', ')
  }

  /** The environments that get the variable. */
  scopeOf(secret: Secret): string {
    return this.#usersOf(secret).every((job) => this.#publishing.has(job) || job.held !== undefined) ? '`public/*`' : 'all'
  }

  #usersOf(secret: Secret): readonly Job[] {
    return this.#jobs.filter(({ definition }) => unique([secret, ...definition.secrets]).length === unique(definition.secrets).length)
  }
}

function settings(secrets: readonly Secret[], users: SecretUsers): string {
  const rowOf = (secret: Secret) => [
    `${code(secret.variable)}${secret.file ? ', of the type File' : ''}`,
    users.namesOf(secret),
    users.scopeOf(secret),
  ]
  const files = secrets.some(({ file }) => file) ? ' GitLab cannot mask a file with several lines.' : ''
  return `Settings > CI/CD > Variables: each protected, masked and hidden.${files}

| variable | used by | environment scope |
|---|---|---|
${secrets.map(rowOf).map(row).join('\n')}`
}

function vault(secrets: readonly Secret[], users: SecretUsers): string {
  const rowOf = (secret: Secret) => [
    code(secret.vault?.path ?? ''),
    code(secret.variable),
    users.namesOf(secret),
    code(secret.vault?.aud ?? ''),
  ]
  return `GitLab fetches these from Vault (Premium), only for the jobs that use them. It needs the variables \`VAULT_SERVER_URL\` and \`VAULT_AUTH_ROLE\`;
scope the role of the publish jobs to \`public/*\`, and bind it in Vault to the audience, the environment and protected refs.

| in Vault | the variable | used by | audience |
|---|---|---|---|
${secrets.map(rowOf).map(row).join('\n')}`
}

function idTokens(secrets: readonly Secret[], users: SecretUsers): string {
  const rowOf = (secret: Secret) => [code(secret.variable), users.namesOf(secret), code(secret.idToken?.aud ?? '')]
  return `GitLab issues these ID tokens only for the jobs that use them; the bucket's server exchanges them for keys that are valid for an hour. In the trust
policy of the publishing role, require its audience and protected tags: \`project_path:GROUP/PROJECT:ref_type:tag:ref:v*\`.

| the variable | used by | audience |
|---|---|---|
${secrets.map(rowOf).map(row).join('\n')}`
}

/** The settings that protect against people. */
function protection(releases: readonly Release[]): string {
  const routes = releases.flatMap(({ targets }) => targets.flatMap((target) => [...target.routes.values()]))
  const environments = [...new Set(routes.flatMap((route) => leading(route)?.label ?? []))].map((name) => code(`public/${name}`))
  return `${
    environments.length === 0
      ? ''
      : `The publish jobs run in ${environments.join(', ')}. Protect these environments (GitLab Premium), and protect the tags: everyone who can create
a protected tag can start its publish jobs. `
  }Rules in the pipeline guard against mistakes; these settings guard against people.`
}
