import { describeRef, type Origin } from '@stagegate/schema'

/**
 * How a document's origin differs from this job's, apart from number and name: `pipeline 3, but this is pipeline 4`. `undefined` if both
 * have the same pipeline, commit, ref, kind and plan.
 */
export function originDifference(theirs: Origin, ours: Origin): string | undefined {
  const different = traits.find((trait) => trait(theirs) !== trait(ours))
  return different === undefined ? undefined : `${different(theirs)}, but this is ${different(ours)}`
}

const traits: readonly ((origin: Origin) => string)[] = [
  ({ rehearsal }) => (rehearsal ? 'a rehearsal' : 'a pipeline of GitLab'),
  ({ instance }) => `the instance ${instance}`,
  ({ project }) => `the project ${project.path} (${project.id})`,
  ({ pipeline }) => `pipeline ${pipeline}`,
  ({ commit }) => `commit ${commit}`,
  ({ ref }) => `the ${describeRef(ref)}`,
  ({ pipelineKind }) => `the kind ${pipelineKind}`,
  ({ plan }) => `the plan ${plan}`,
]
