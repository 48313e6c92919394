import { GateError, type GateLook, type ReleaseManifest, type ReleasePlan, StagegateError } from '@stagegate/schema'
import { Label } from '@stagegate/schema/validator'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import type { JobApi } from '../gitlab/job-api.js'
import { type Patience, patiently } from '../gitlab/patiently.js'
import { findRelease, findTarget } from '../plan.js'

const NewestJob = v.object({ id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), name: Label, status: Label })
type NewestJob = v.InferOutput<typeof NewestJob>

/** The most pages of a pipeline's jobs that are read. */
const mostPages = 50

/** The jobs that must have passed before a manifest is published: its seal, and the deployments that gate, with what confirms them. */
export function gatingJobs(plan: ReleasePlan, { release: id, origin, supplements, targets }: ReleaseManifest): readonly string[] {
  const release = findRelease(plan, id)
  const late = supplements === undefined ? [] : targets.map(({ target }) => findTarget(plan, target, id).target.jobs.seal)
  const deployments = release.deployments.filter(({ kinds, gates }) => gates && kinds.includes(origin.pipelineKind))
  return [release.jobs.seal, ...late, ...deployments.flatMap(({ job, confirm }) => (confirm === undefined ? [job] : [job, confirm]))]
}

/**
 * Asks once more how the jobs before the gate have ended. GitLab looks only when it opens the gate: a deployment that runs again later, and
 * fails, does not close it.
 *
 * @throws {GateError} one of them has not passed
 * @throws {StagegateError} GitLab does not answer: running it again can help
 */
export async function lookAtGate(manifest: ReleaseManifest, names: readonly string[], api: JobApi, patience: Patience): Promise<GateLook> {
  const { project, pipeline } = manifest.origin
  const path = `/projects/${project.id}/pipelines/${pipeline}`
  const found: NewestJob[] = []
  for (const kind of ['jobs', 'bridges']) {
    const listed = await newest(api, `${path}/${kind}`, patience)
    if ('refused' in listed) return { jobs: [], notAsked: `GitLab refuses to list the jobs of pipeline ${pipeline} (${listed.refused})` }
    found.push(...listed.jobs)
  }
  found.sort((a, b) => b.id - a.id)
  const jobs = names.map((name) => ({ name, ...found.find((job) => job.name === name) }))
  const open = jobs.filter(({ status }) => status !== 'success')
  if (open.length === 0)
    return { jobs: jobs.flatMap(({ name, id, status }) => (id === undefined || status === undefined ? [] : [{ name, id, status }])) }
  throw new GateError({
    code: 'gate/not-passed',
    where: `pipeline ${pipeline}`,
    what: open.map(({ name, id, status }) => `${name} ${id === undefined ? 'is not there' : `is ${status} (job ${id})`}`).join(', and '),
    next: 'Its newest attempt must have passed before anything is published. Nothing was published; run that job again first.',
  })
}

/** Without the attempts that were retried, as GitLab lists them. */
async function newest(
  api: JobApi,
  path: string,
  patience: Patience,
): Promise<{ readonly jobs: readonly NewestJob[] } | { readonly refused: number }> {
  const jobs: NewestJob[] = []
  for (let page = 1; page <= mostPages; page++) {
    const query = new URLSearchParams({ include_retried: 'false', per_page: '100', page: String(page) })
    const answer = await patiently(patience, (call: Call) => api.send({ method: 'GET', path: `${path}?${query}` }, call))
    if ([401, 403, 404].includes(answer.status)) return { refused: answer.status }
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.array(NewestJob)), answer.text, { abortEarly: true })
    if (answer.status !== 200 || !parsed.success) throw unexpected(api.where(path), 'not a list of jobs')
    jobs.push(...parsed.output)
    if (parsed.output.length === 0 || answer.headers['x-next-page'] === '') return { jobs }
  }
  throw unexpected(api.where(path), 'the list of jobs never ended')
}

function unexpected(where: string, what: string): StagegateError {
  return new StagegateError({ code: 'gitlab/unexpected-answer', where, what })
}
