import type { Job } from '../job/job.js'
import type { PipelineKind } from '../kind.js'
import type { Deployment } from '../release/deployment.js'
import type { Release } from '../release/release.js'
import type { leading } from '../release/route.js'
import { code, row } from './markdown.js'
import { credentials } from './runbook-credentials.js'

/** RELEASING.md: what the release manager sees, clicks and does, for the releases of this pipeline. */
export function renderRunbook(
  releases: readonly Release[],
  kinds: readonly PipelineKind[],
  generatedFrom: string,
  held: readonly Job[],
): string {
  const sections = releases.flatMap((release) =>
    kinds.filter((kind) => release.publishesIn(kind)).map((kind) => releaseSection(release, kind) + byHand(held, kind)),
  )
  return `${[heading(generatedFrom), ...sections, verdicts, credentials(releases)].join('\n\n')}\n`
}

function heading(generatedFrom: string): string {
  return `# Releasing

<!-- Written by stagegate synth from ${generatedFrom}. Do not edit; change ${generatedFrom} and synthesize again. -->

Nothing here goes public by itself. Each pipeline below builds, stages, seals and deploys, then waits for a person.
A publish job, one for each target, copies exactly the sealed files from staging to the public repositories. Every job can
be run again at any time: files that are already public stay as they are.`
}

function releaseSection(release: Release, kind: PipelineKind): string {
  const targets = release.targets.filter(({ routes }) => (routes.get(kind)?.public.length ?? 0) > 0)
  const deployments = release.deployments.filter((deployment) => deployment.isIn(kind))
  return `## ${release.label}, ${kind.label}

${kind.props.describe ?? `A pipeline is of this kind when \`${kind.props.when.expression}\` holds`}${kind.props.describe === undefined ? '' : ` (\`${kind.props.when.expression}\`)`}, and its tag or branch is protected.

1. Wait for \`${release.jobs.seal.name}\`. Its log has the list of everything that will be published, and the list's digest.
${deployments.map((deployment, index) => `${index + 2}. ${deploymentLine(deployment)}`).join('\n')}${deployments.length > 0 ? '\n' : ''}${deployments.length + 2}. When you are certain, start the publish jobs, each by its button or all of them by the stage's. There is time: everything is kept for ${release.hold}.
${deployments.length + 3}. Each target's verify job then reads the public repository back.

| target | start this | publishes to | then runs |
|---|---|---|---|
${targets.map((target) => row([target.label, code(target.jobs.publish.name), destinations(target.routes.get(kind)), code(target.jobs.verify.name)])).join('\n')}`
}

/** Jobs of the author's own that publish, too. */
function byHand(held: readonly Job[], kind: PipelineKind): string {
  const names = held.filter((job) => job.existsIn(kind)).map(({ name }) => code(name))
  return names.length === 0
    ? ''
    : `\n\nJobs of your own that publish, each by its button: ${names.join(', ')}. What they publish is theirs: nothing is sealed or read back.`
}

function deploymentLine({ job, gates, props, remote }: Deployment): string {
  const environment = props.environment === undefined ? [] : [`environment ${props.environment}`]
  const elsewhere = remote === undefined ? [] : [`a pipeline of ${remote.project} on ${remote.url}`]
  const place = environment.length + elsewhere.length === 0 ? '' : ` (${[...environment, ...elsewhere].join(', ')})`
  return gates
    ? `Wait for \`${job.name}\`${place}; no publish job can be started before it has passed.`
    : `\`${job.name}\`${place} runs too; publishing does not wait for it.`
}

function destinations(route: Parameters<typeof leading>[0]): string {
  return (route?.public ?? []).map(({ repo, advisory }) => (advisory ? `${repo.label} (advisory)` : repo.label)).join(', ')
}

const verdicts = `## What a verdict means

| verdict | meaning | what to do |
|---|---|---|
| \`published\` | the public repository has the file now; this was checked there | nothing |
| \`already-public\` | the public repository had the file before, byte for byte | nothing |
| \`conflict\` | the public repository has another file with this name; nothing was sent | compare the two digests in the log. If the public one is right, this build needs a new version |
| \`tampered\` | staging no longer has the bytes that were sealed; nothing was published | find out who changed staging, and release again under a new version |
| \`missing\` | staging no longer has the file | run its stage job again first: it restores the same bytes while the build's artifacts are kept. Otherwise release again under a new version |
| \`undetermined\` | the server gave no clear answer | run the job again |
| \`failed\` | the server refused, and will refuse again: the credential, the size, the plan | correct the cause that the log names, then run the job again |

A verify job says \`gone\` if a receipt saw a file in public and the repository no longer has it: find out who removed it, then run the publish job again.

Exit codes of the jobs: 0 all is well, 2 the configuration is wrong, 3 a person must look, 4 incomplete, running it again can help.
Each publish job keeps its receipt among its artifacts, and receipts never expire. A job that is refused before it did anything leaves no
receipt and ends with the runner's red \`No files to upload\`; the reason stands above that line.`
