import { GateError, type GateLook, type ReleaseManifest, type ReleasePlan } from '@stagegate/schema'
import { Label } from '@stagegate/schema/validator'
import * as v from 'valibot'
import type { GitlabApi } from '../gitlab/gitlab-api.js'
import { type Patience, patiently } from '../gitlab/patiently.js'
import { refusalWith } from '../gitlab/refusal.js'
import type { Resources } from '../gitlab/resource.js'
import { findRelease, findTarget } from '../plan.js'

const NewestJob = v.object({ id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), name: Label, status: Label })
type NewestJob = v.InferOutput<typeof NewestJob>

/** The jobs that must pass before a manifest is published: its seal, and the gating deployments with the jobs that confirm them. */
export function gatingJobs(plan: ReleasePlan, { release: id, origin, supplements, targets }: ReleaseManifest): readonly string[] {
  const release = findRelease(plan, id)
  const late = supplements === undefined ? [] : targets.map(({ target }) => findTarget(plan, target, id).target.jobs.seal)
  const deployments = release.deployments.filter(({ kinds, gates }) => gates && kinds.includes(origin.pipelineKind))
  return [release.jobs.seal, ...late, ...deployments.flatMap(({ job, confirm }) => (confirm === undefined ? [job] : [job, confirm]))]
}

/**
 * Checks once more how the jobs before the gate ended. GitLab looks only when it opens the gate: a deployment that runs again later and
 * fails does not close it.
 *
 * @throws {GateError} if one of them has not passed
 * @throws {StagegateError} if GitLab does not answer: running it again can help
 */
export async function lookAtGate(
  manifest: ReleaseManifest,
  names: readonly string[],
  api: GitlabApi,
  patience: Patience,
): Promise<GateLook> {
  const { project, pipeline } = manifest.origin
  const found: NewestJob[] = []
  // Without retried attempts, as GitLab lists them by default.
  const listed = { showExpanded: false as const, includeRetried: false, perPage: 100 }
  const questions = [
    (jobs: Resources['Jobs']) => jobs.all(project.id, { pipelineId: pipeline, ...listed }),
    (jobs: Resources['Jobs']) => jobs.allPipelineBridges(project.id, pipeline, listed),
  ]
  for (const question of questions) {
    try {
      found.push(...(await patiently(patience, (call) => api.ask('Jobs', question, v.array(NewestJob), call))))
    } catch (error) {
      const { status } = refusalWith([401, 403, 404], error)
      return { jobs: [], notAsked: `GitLab refuses to list the jobs of pipeline ${pipeline} (${status})` }
    }
  }
  found.sort((a, b) => b.id - a.id)
  const jobs = names.map((name) => ({ name, ...found.find((job) => job.name === name) }))
  const open = jobs.filter(({ status }) => status !== 'success')
  if (open.length === 0)
    return { jobs: jobs.flatMap(({ name, id, status }) => (id === undefined || status === undefined ? [] : [{ name, id, status }])) }
  throw new GateError({
    code: 'gate/not-passed',
    where: `pipeline ${pipeline}`,
    what: open.map(({ name, id, status }) => `${name} ${id === undefined ? 'does not exist' : `is ${status} (job ${id})`}`).join(', and '),
    next: 'Nothing was published: the newest attempt of that job must pass first. Run that job again.',
  })
}
