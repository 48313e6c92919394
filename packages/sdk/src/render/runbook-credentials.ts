import type { Job } from '../job/job.js'
import type { Release } from '../release/release.js'
import { leading } from '../release/route.js'
import { isEverywhere, type Secret, unique } from '../secret.js'
import { code, row } from './markdown.js'

/** The chapter of the runbook on what GitLab, Vault and clouds have to know: names and places, never values. */
export function credentials(releases: readonly Release[], jobs: readonly Job[]): string {
  const targets = releases.flatMap((release) => release.targets)
  const secrets = unique(jobs.flatMap(({ definition }) => definition.secrets))
  if (secrets.length === 0) return '## Credentials\n\nThese repositories need none.'
  const usersOf = (secret: Secret) =>
    jobs.filter(({ definition }) => unique([secret, ...definition.secrets]).length === unique(definition.secrets).length)
  const usedBy = (secret: Secret) => [...new Set(usersOf(secret).map(({ name }) => name.replace(/: .*/, '')))]
  const publishing = new Set([
    ...targets.map((target) => target.jobs.publish),
    ...releases.flatMap(({ pages }) => pages.flatMap((page) => page.jobs)),
  ])
  const scopeOf = (secret: Secret) => (usersOf(secret).every((job) => publishing.has(job) || job.held !== undefined) ? '`public/*`' : 'all')
  const fetched = secrets.filter(({ vault }) => vault !== undefined)
  const tokens = secrets.filter(({ idToken }) => idToken !== undefined)
  const others = secrets.filter(({ vault, idToken }) => vault === undefined && idToken === undefined)
  const [given, set] = [others.filter(isEverywhere), others.filter((secret) => !isEverywhere(secret))]
  const environments = [
    ...new Set(targets.flatMap(({ routes }) => [...routes.values()].flatMap((route) => leading(route)?.label ?? []))),
  ].map((name) => code(`public/${name}`))
  return [
    '## Credentials',
    ...(set.length === 0
      ? []
      : [
          settings(set, (secret) => [
            `${code(secret.variable)}${secret.file ? ', of the type File' : ''}`,
            usedBy(secret).join(', '),
            scopeOf(secret),
          ]),
        ]),
    ...(fetched.length === 0
      ? []
      : [
          vault(
            fetched.map((secret) => [
              code(secret.vault?.path ?? ''),
              code(secret.variable),
              usedBy(secret).join(', '),
              code(secret.vault?.aud ?? ''),
            ]),
          ),
        ]),
    ...(tokens.length === 0
      ? []
      : [idTokens(tokens.map((secret) => [code(secret.variable), usedBy(secret).join(', '), code(secret.idToken?.aud ?? '')]))]),
    ...given.map(
      (secret) =>
        `${code(secret.variable)} (${usedBy(secret).join(', ')}) comes from GitLab: every job has it, and you do not need to set it.`,
    ),
    `${
      environments.length === 0
        ? ''
        : `The publish jobs run in ${environments.join(', ')}. Protect these environments (GitLab Premium), and protect the tags: everyone who can create
a protected tag can start its publish jobs. `
    }Rules in the pipeline guard against mistakes; these settings guard against people.`,
  ].join('\n\n')
}

function settings(secrets: readonly Secret[], rowOf: (secret: Secret) => readonly string[]): string {
  const files = secrets.some(({ file }) => file) ? ' GitLab cannot mask a file with several lines.' : ''
  return `Settings > CI/CD > Variables: each protected, masked and hidden.${files}

| variable | used by | environment scope |
|---|---|---|
${secrets.map(rowOf).map(row).join('\n')}`
}

function vault(rows: readonly (readonly string[])[]): string {
  return `GitLab fetches these from Vault (Premium), only for the jobs that use them. It needs the variables \`VAULT_SERVER_URL\` and \`VAULT_AUTH_ROLE\`;
scope the role of the publish jobs to \`public/*\`, and bind it in Vault to the audience, the environment and protected refs.

| in Vault | the variable | used by | audience |
|---|---|---|---|
${rows.map(row).join('\n')}`
}

function idTokens(rows: readonly (readonly string[])[]): string {
  return `GitLab issues these ID tokens only for the jobs that use them; the bucket's server exchanges them for keys that are valid for an hour. In the trust
policy of the publishing role, require its audience and protected tags: \`project_path:GROUP/PROJECT:ref_type:tag:ref:v*\`.

| the variable | used by | audience |
|---|---|---|
${rows.map(row).join('\n')}`
}
