import type { PipelineKind } from '../kind.js'
import type { Deployment } from '../release/deployment.js'
import type { Release } from '../release/release.js'
import { leading } from '../release/route.js'

/** RELEASING.md: what the release manager sees, clicks and does, for the releases of this pipeline. */
export function renderRunbook(releases: readonly Release[], kinds: readonly PipelineKind[], generatedFrom: string): string {
  const sections = releases.flatMap((release) =>
    kinds.filter((kind) => release.publishesIn(kind)).map((kind) => releaseSection(release, kind)),
  )
  return `${[heading(generatedFrom), ...sections, verdicts, credentials(releases)].join('\n\n')}\n`
}

function heading(generatedFrom: string): string {
  return `# Releasing

<!-- Written by stagegate synth from ${generatedFrom}. Do not edit; change ${generatedFrom} and synthesize again. -->

Nothing here goes public by itself. Each pipeline below builds, stages, seals and deploys on its own, then waits.
Publishing copies exactly the sealed files from staging to the public repositories, one job per target, when somebody
starts that job. Every job can be run again at any time: what is public already is not touched.`
}

function releaseSection(release: Release, kind: PipelineKind): string {
  const targets = release.targets.filter(({ routes }) => (routes.get(kind)?.public.length ?? 0) > 0)
  const deployments = release.deployments.filter((deployment) => deployment.isIn(kind))
  return `## ${release.label}, ${kind.label}

${kind.props.describe ?? `A pipeline is of this kind when \`${kind.props.when.expression}\` holds`}${kind.props.describe === undefined ? '' : ` (\`${kind.props.when.expression}\`)`}, and its tag or branch is protected.

1. Wait for \`${release.jobs.seal.name}\`. Its log has the list of everything that will be published, and the list's digest.
${deployments.map((deployment, index) => `${index + 2}. ${deploymentLine(deployment)}`).join('\n')}${deployments.length > 0 ? '\n' : ''}${deployments.length + 2}. When you are certain, start the publish jobs, each by its button or all of them by the stage's. There is time: everything is kept for ${release.hold}.
${deployments.length + 3}. Each target's verify job then reads the public repository back.

| target | start this | it publishes to | then runs |
|---|---|---|---|
${targets.map((target) => row([target.label, code(target.jobs.publish.name), destinations(target.routes.get(kind)), code(target.jobs.verify.name)])).join('\n')}`
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function code(text: string): string {
  return `\`${text}\``
}

function deploymentLine({ job, gates, props }: Deployment): string {
  const place = props.environment === undefined ? '' : ` (environment ${props.environment})`
  return gates
    ? `Wait for \`${job.name}\`${place}; no publish job can be started before it has passed.`
    : `\`${job.name}\`${place} runs too; publishing does not wait for it.`
}

function destinations(route: Parameters<typeof leading>[0]): string {
  return (route?.public ?? []).map(({ repo, advisory }) => (advisory ? `${repo.label} (advisory)` : repo.label)).join(', ')
}

const verdicts = `## What a verdict means

| verdict | it means | do this |
|---|---|---|
| \`published\` | the public repository has it now, seen there | nothing |
| \`already-public\` | it was there before, byte for byte | nothing |
| \`conflict\` | the public repository has another file of that name; nothing was sent | compare the two digests in the log. If the public one is right, this build needs a new version |
| \`tampered\` | staging no longer has the bytes that were sealed; nothing was published | find out who changed staging, and release again under a new version |
| \`missing\` | staging no longer has the file | if it was deleted or expired, release again under a new version |
| \`undetermined\` | the server did not say clearly what it has | run the job again |
| \`failed\` | the server refused for good: the credential, the size, the plan | mend what the log names, run the job again |

A job's exit code: 0 all is well, 2 the configuration is wrong, 3 a person must look, 4 incomplete and running it again can help.
The receipt of each publish job is kept with its artifacts, and never expires.`

function credentials(releases: readonly Release[]): string {
  const targets = releases.flatMap((release) => release.targets)
  const jobs = [
    ...targets.flatMap(({ jobs }) => [jobs.build, jobs.stage, jobs.publish, jobs.verify]),
    ...releases.flatMap(({ deployments }) => deployments.map(({ job }) => job)),
  ]
  const users = new Map<string, string[]>()
  for (const job of jobs) {
    for (const { variable } of job.definition.secrets) users.set(variable, [...(users.get(variable) ?? []), job.name.replace(/: .*/, '')])
  }
  if (users.size === 0) return '## Credentials\n\nThese repositories take none.'
  const environments = [
    ...new Set(targets.flatMap(({ routes }) => [...routes.values()].flatMap((route) => leading(route)?.label ?? []))),
  ].map((name) => `\`public/${name}\``)
  const rows = [...users].map(([variable, phases]) => {
    const phaseList = [...new Set(phases)]
    const scope = phaseList.every((phase) => phase === 'publish') ? '`public/*`' : 'all'
    return row([code(variable), phaseList.join(', '), scope])
  })
  return `## Credentials

Settings > CI/CD > Variables: each protected, masked and hidden.

| variable | used by | environment scope |
|---|---|---|
${rows.join('\n')}

${
  environments.length === 0
    ? ''
    : `The publish jobs run in ${environments.join(', ')}. Protect these environments (GitLab Premium), and protect the tags: whoever may create
a protected tag may start its publish jobs. `
}Rules in the pipeline guard against mistakes; these settings guard against people.`
}
