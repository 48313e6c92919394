import { Duration } from '../../duration.js'
import { parentVariable } from '../../gitlab/parent.js'
import type { IssueFacts } from '../../issue/facts.js'
import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'
import { reasonSentence } from '../gate/sentence.js'

/** A correct job that starts the child. */
function starterOf({
  job,
  file,
  builds,
  rule,
  stage,
}: Omit<Extract<IssueFacts, { readonly code: 'child/not-started' }>, 'others' | 'code'>): string {
  const needs = builds.map((build) => JSON.stringify(build)).join(', ')
  return `${JSON.stringify(job)}: { stage: ${stage}, needs: [${needs}], inherit: { variables: false }, variables: { ${parentVariable}: $CI_PIPELINE_ID }, trigger: { include: ${file}, strategy: depend }, rules: [{ if: '${rule.replaceAll("'", "''")}' }] }`
}

export const parentWording: Wordings<`child/${string}`> = {
  'child/not-started': {
    meaning: "The project's own pipeline does not start the generated one as its child.",
    severity: ({ others }) => (others.length === 0 ? 'warning' : 'error'),
    sentence: ({ job, file, others }) =>
      `the job ${job} of .gitlab-ci.yml does not start ${file}${others.length === 0 ? ', so nothing of it runs' : `; ${others.join(', ')} does`}`,
    help: ({ others, ...starter }) =>
      others.length === 0
        ? `Add it there: ${starterOf(starter)}`
        : "Let exactly one job start it, without parallel, and name that job: new App({ startedBy: { job: '…' } }).",
    action: 'In .gitlab-ci.yml, let the job that startedBy names start the file.',
  },
  'child/started-twice': {
    meaning: 'The project’s own pipeline starts or includes the generated one twice.',
    sentence: ({ job, file, second }) =>
      `${second ?? 'an include of .gitlab-ci.yml'} also adds ${file} to the pipeline, besides the job ${job}`,
    help: 'Let only one job start it; otherwise a release is staged, deployed and published twice.',
  },
  'child/unsaid': {
    meaning: 'A job of the project’s own pipeline starts the generated one as its child, but pipeline.ts does not name that job.',
    sentence: ({ job, file }) =>
      `the job ${job} of .gitlab-ci.yml starts ${file} as a child pipeline, but pipeline.ts does not name that job`,
    help: ({ job }) =>
      `Name it, so that both pipelines are checked together: new App({ startedBy: { job: ${JSON.stringify(job)} } }), without workflow: 'theirs'.`,
    action: "Name the job: new App({ startedBy: { job: '…' } }).",
  },
  'child/merged': {
    meaning: 'The job that starts the generated pipeline merges another file into it.',
    sentence: ({ job, file, other }) => `the job ${job} starts ${file} together with ${other}, and GitLab merges the two`,
    help: 'Start only the generated file. Include the other file in pipeline.ts, where it is checked with the release: new App({ include: […] }).',
  },
  'child/parent-id': {
    meaning: 'The job that starts the generated pipeline does not pass on the ID of the parent pipeline.',
    sentence: ({ job, found }) =>
      `the job ${job} forwards ${found === undefined ? `no ${parentVariable}` : `${found} as ${parentVariable}`}, so the child pipeline finds no artifacts of the builds`,
    help: ({ job }) =>
      `Give ${job} variables: { ${parentVariable}: $CI_PIPELINE_ID }, and do not set trigger:forward:yaml_variables: false.`,
    action: `Give the job variables: { ${parentVariable}: $CI_PIPELINE_ID }.`,
  },
  'child/forwards': {
    meaning: 'The job that starts the generated pipeline forwards a variable that changes its behaviour.',
    sentence: ({ job, variable, because }) =>
      because === 'outranks'
        ? `the job ${job} forwards ${variable}, which overrides the value that the child pipeline sets`
        : because === 'gitlab'
          ? `the job ${job} forwards ${variable}, which overrides GitLab’s own variable in the child pipeline`
          : `the job ${job} forwards ${variable}, and jobs that hold a credential refuse to run with it`,
    help: ({ job }) =>
      `Give ${job} inherit: { variables: false }, so that it forwards only its own variables, and set only ${parentVariable}.`,
    action: `Give the job inherit: { variables: false }, and only the variable ${parentVariable}.`,
  },
  'child/forwards-all': {
    meaning:
      'The job that starts the generated pipeline forwards variables that come from the user who starts the parent, from schedules and from reports.',
    severity: 'warning',
    sentence: ({ job }) =>
      `the job ${job} forwards variables from the user who starts its pipeline, from schedules and from reports, and each can change the child pipeline’s behaviour`,
    help: 'Remove trigger:forward:pipeline_variables, or accept this with a reason.',
  },
  'child/never-started': {
    meaning: 'The job that starts the generated pipeline does not exist in pipelines of one of its kinds.',
    sentence: ({ job, kind }) => `${where(kind)} the job ${job} never exists, so no pipeline of that kind runs`,
    help: ({ job, kind }) => `Extend the rules of ${job} and the workflow of .gitlab-ci.yml to the pipelines of ${kind}.`,
    action: 'Extend the rules of the job and the workflow of .gitlab-ci.yml to the pipelines of the kind.',
  },
  'child/source': {
    meaning: 'A kind of a child pipeline requires a source that no child pipeline has.',
    sentence: ({ kind }) => `no pipeline is of the kind ${kind}: in a child pipeline CI_PIPELINE_SOURCE is always parent_pipeline`,
    help: 'Test the source in the rules of the job that starts it. In the kind, test a tag, a branch, or a variable that this job forwards.',
  },
  'child/no-kind': {
    meaning: 'The generated pipeline is started in pipelines that are of none of its kinds.',
    severity: 'warning',
    sentence: ({ job, file }) =>
      `the job ${job} also exists in pipelines for which ${file} has no kind: there GitLab creates no child pipeline, and the job fails`,
    help: ({ job, rule }) => `Give ${job} rules: [{ if: '${rule.replaceAll("'", "''")}' }].`,
    action: 'Give the job the conditions of the kinds as its rules.',
  },
  'child/cancelled': {
    meaning: 'The pipeline that starts the generated one can be cancelled, perhaps with its child.',
    severity: 'warning',
    sentence: ({ job, by }) =>
      by === 'on_job_failure'
        ? `a failure of another job cancels the pipeline of ${job} (auto_cancel:on_job_failure), perhaps with the child pipeline`
        : `a newer commit cancels the pipeline of ${job} (auto_cancel:on_new_commit), perhaps with the child pipeline`,
    help: ({ by }) => `Give the workflow of .gitlab-ci.yml, or its rule for these pipelines, auto_cancel: { ${by}: none }.`,
    action: 'Give the workflow of .gitlab-ci.yml auto_cancel: { on_new_commit: none, on_job_failure: none }.',
  },
  'child/no-build': {
    meaning: 'The generated pipeline takes artifacts from a build job that the parent pipeline does not have.',
    sentence: ({ build }) => `the child pipeline takes artifacts from the job ${build}, which .gitlab-ci.yml does not have`,
    help: ({ copies }) =>
      copies.length === 0
        ? 'Name a job of .gitlab-ci.yml: build: { job: … }.'
        : `Name each copy that its parallel makes: ${copies.slice(0, 3).join(', ')}${copies.length > 3 ? ', …' : ''}.`,
    action: 'Name a job of .gitlab-ci.yml, or one copy of a job with parallel.',
  },
  'child/build-late': {
    meaning: 'The generated pipeline can start before a build of the parent has succeeded.',
    sentence: ({ job, build, kind, because }) =>
      `${where(kind)} ${job} can start the child pipeline before ${build} has succeeded: ${reasonSentence(because)}`,
    help: ({ job, build }) => `Let ${job} need ${build} without optional: true, and remove allow_failure from ${build}.`,
    action: 'Let the job that starts it need the build without optional: true, and remove allow_failure from the build.',
  },
  'child/no-artifacts': {
    meaning: 'A build of the parent leaves no artifacts.',
    sentence: ({ build }) => `the job ${build} leaves no artifacts, but the child pipeline needs them`,
    help: 'Give it artifacts: { paths: […] }.',
  },
  'child/build-expires': {
    meaning: 'Artifacts of a build can expire before the child pipeline takes them.',
    severity: 'warning',
    sentence: ({ build, found }) =>
      `the artifacts of the job ${build} expire after ${found}, but the child pipeline can still need them then`,
    help: ({ needed }) => `Keep them for ${Duration.days(Math.ceil(needed / 86_400))} or longer, or accept this with a reason.`,
    action: 'Keep the artifacts longer, or accept this with a reason.',
  },
  'child/image': {
    meaning: 'The stage job looks for an image under the ID of the child pipeline, but the parent pipeline pushed it.',
    sentence: ({ target, build }) =>
      `the job ${build} of the parent pipeline pushes the image ${target}, but the stage job expects a tag with the ID of the child pipeline`,
    help: "Let the job leave the image as an OCI layout among its artifacts, and name it: layout: 'dist/image'; or build the image in pipeline.ts.",
  },
  'child/same-lock': {
    meaning: 'The job that starts the generated pipeline holds a lock that a job of that pipeline needs.',
    sentence: ({ job, other, group }) =>
      `the job ${job} holds the resource group ${group} until the child pipeline ends, but ${other} in that pipeline waits for the same group`,
    help: 'Remove resource_group from the job that starts the child pipeline. Otherwise the two wait for each other forever.',
  },
  'child/too-deep': {
    meaning: 'A deployment in a child pipeline starts a pipeline that starts another one, which is one level too deep.',
    sentence: ({ job }) => `the pipeline that ${job} starts would start another one, but GitLab allows only two levels of child pipelines`,
    help: 'Move the jobs of the inner pipeline into the file of the deployment.',
  },
}
