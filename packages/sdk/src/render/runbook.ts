import type { PipelineDocument } from '../gitlab/document.js'
import { type KindGraph, kindGraphs } from '../graph/kinds.js'
import type { Job } from '../job/job.js'
import type { PipelineKind } from '../kind.js'
import type { Deployment } from '../release/deployment.js'
import type { Page } from '../release/page.js'
import type { Release } from '../release/release.js'
import { leading } from '../release/route.js'
import type { ReleaseTarget } from '../release/target.js'
import { code, row } from './markdown.js'
import { otherClicks } from './runbook-clicks.js'
import { credentials } from './runbook-credentials.js'

export interface RunbookInput {
  /** The pipeline as GitLab reads it, with the jobs of included files. */
  readonly document: PipelineDocument
  readonly releases: readonly Release[]
  readonly kinds: readonly PipelineKind[]
  /** The jobs of the app, by name. */
  readonly jobs: ReadonlyMap<string, Job>
  /** The author's file. */
  readonly author: string
  /** The job that starts the pipeline as a child of the project's own, if one does. */
  readonly startedBy: string | undefined
}

/** RELEASING.md: what the release manager sees, clicks and does, for the releases of this pipeline. */
export function renderRunbook({ document, releases, kinds, jobs, author, startedBy: starter }: RunbookInput): string {
  const graphs = new Map(kindGraphs(document).map((graph) => [graph.kind, graph]))
  const clicks = (release: Release, kind: PipelineKind) => {
    const graph: KindGraph | undefined = graphs.get(kind.label)
    return graph === undefined ? '' : otherClicks(graph, clickedFor(release, releases, kind), jobs)
  }
  const sections = releases.flatMap((release) =>
    kinds.filter((kind) => release.publishesIn(kind)).map((kind) => releaseSection(release, kind) + clicks(release, kind)),
  )
  return `${[heading(author), ...childLines(starter), ...sections, verdicts, credentials(releases, [...jobs.values()])].join('\n\n')}\n`
}

/** The jobs whose clicks the section of this release, or that of another one, names already. */
function clickedFor(release: Release, releases: readonly Release[], kind: PipelineKind): ReadonlySet<string> {
  const named = ({ jobs, targets, approval }: Release) => [
    ...(approval === 'once' ? [jobs.approve.name] : []),
    ...targets.filter((target) => hasClick(target)).map((target) => target.jobs.publish.name),
  ]
  const others = releases.filter((other) => other !== release && other.publishesIn(kind))
  return new Set([release, ...others].flatMap(named))
}

/** Whether the target's publish job waits for a click of its own. */
function hasClick({ release, optional }: ReleaseTarget): boolean {
  return release.approval === 'each' || optional
}

function heading(generatedFrom: string): string {
  return `# Releasing

<!-- Written by stagegate synth from ${generatedFrom}. Do not edit; change ${generatedFrom} and synthesize again. -->

Nothing here goes public by itself. Each pipeline below builds, stages, seals and deploys, then waits for a person.
A publish job, one for each target, copies exactly the sealed files from staging to the public repositories. Every job can
be run again at any time: files that are already public stay as they are.`
}

/** Where the buttons are. @see https://docs.gitlab.com/ci/pipelines/downstream_pipelines/#view-a-downstream-pipeline */
function childLines(starter: string | undefined): readonly string[] {
  if (starter === undefined) return []
  return [
    `Everything below happens in the child pipeline that the job ${code(starter)} starts. It is in no list of pipelines: open the pipeline of the tag or
branch, and select ${code(starter)} there. While the child waits for a click, ${code(starter)} shows as running or blocked if it has a strategy, else as
passed. Run jobs again in the child. Running ${code(starter)} again makes another child, with another seal, which is refused once the first has one.`,
  ]
}

function releaseSection(release: Release, kind: PipelineKind): string {
  const targets = release.targets.filter(({ routes }) => (routes.get(kind)?.public.length ?? 0) > 0)
  const deployments = release.deployments.filter((deployment) => deployment.isIn(kind))
  const steps = [
    `Wait for \`${release.jobs.seal.name}\`. Its log has the list of everything that will be published, and the list's digest.`,
    ...deployments.map(deploymentLine),
    ...startLines(release, targets),
    "Each target's verify job then reads the public repository back.",
    ...release.pages.flatMap((page) => pageLines(page, kind)),
  ]
  return `## ${release.label}, ${kind.label}

${kind.props.describe ?? `A pipeline is of this kind when \`${kind.props.when.expression}\` holds`}${kind.props.describe === undefined ? '' : ` (\`${kind.props.when.expression}\`)`}, and its tag or branch is protected.

${steps.map((step, index) => `${index + 1}. ${step}`).join('\n')}

| target | ${release.approval === 'once' ? 'started by' : 'start this'} | publishes to | then runs |
|---|---|---|---|
${targets.map((target) => row([nameOf(target), startedBy(target), destinations(target.routes.get(kind)), code(target.jobs.verify.name)])).join('\n')}${approvalsOf(release, targets, kind)}`
}

function pageLines(page: Page, kind: PipelineKind): readonly string[] {
  const { repo, job, late } = page
  const settings = repo.at.settings
  const place = `on the page of releases of ${code(String(settings['project']))}`
  const added = [...late].filter(([target]) => page.adds(target, kind)).map(([, { name }]) => code(name))
  return [
    ...(page.isIn(kind)
      ? [`When all of them have passed, ${code(job.name)} makes the entry of the tag ${place}, with everything at once.`]
      : []),
    ...(added.length > 0
      ? [`${added.join(', ')} add${added.length === 1 ? 's' : ''} to the entry ${place} what an optional target publishes.`]
      : []),
  ]
}

function nameOf({ label, optional }: ReleaseTarget): string {
  return optional ? `${label} (optional)` : label
}

function startedBy(target: ReleaseTarget): string {
  const { approve } = target.release.jobs
  const { publish, seal } = target.jobs
  if (!hasClick(target)) return `${code(approve.name)} starts ${code(publish.name)}`
  const own = target.release.approval === 'once' ? `your click on ${code(publish.name)}` : code(publish.name)
  return target.optional ? `${own}, after ${code(seal.name)}` : own
}

/** The clicks that publish: one for each target, or one for all of them. */
function startLines({ approval, hold, jobs }: Release, targets: readonly ReleaseTarget[]): readonly string[] {
  const time = `There is time: everything is kept for ${hold}.`
  const optional = targets.some((target) => target.optional)
    ? [
        'An optional target holds up nothing. Its own seal job runs once its files are staged, perhaps late; start its publish job after that. The release is complete without it.',
      ]
    : []
  if (approval === 'once')
    return [
      `When you are certain, start ${code(jobs.approve.name)}, the one click for the whole release: the publish jobs of all targets that are not optional then start by themselves. ${time}`,
      ...optional,
    ]
  return [`When you are certain, start the publish jobs, each by its button or all of them by the stage's. ${time}`, ...optional]
}

function approvalsOf({ approvals }: Release, targets: readonly ReleaseTarget[], kind: PipelineKind): string {
  if (!approvals) return ''
  const environments = [...new Set(targets.map(({ routes }) => code(`public/${leading(routes.get(kind))?.label}`)))]
  return `\n\nGitLab holds each publish job until its deployment to ${environments.join(', ')} has the approvals that the environment's rules ask for (Premium). Give them on the job's page, or under Operate > Environments.`
}

function deploymentLine({ gate, gates, props, remote }: Deployment): string {
  const environment = props.environment === undefined ? [] : [`environment ${props.environment}`]
  const elsewhere = remote === undefined ? [] : [`a pipeline of ${remote.project} on ${remote.url}`]
  const place = environment.length + elsewhere.length === 0 ? '' : ` (${[...environment, ...elsewhere].join(', ')})`
  return gates
    ? `Wait for \`${gate.name}\`${place}; no publish job can be started before it has passed.`
    : `\`${gate.name}\`${place} runs too; publishing does not wait for it.`
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
