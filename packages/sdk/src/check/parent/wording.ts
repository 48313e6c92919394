import { Duration } from '../../duration.js'
import { parentVariable } from '../../gitlab/parent.js'
import type { IssueFacts } from '../../issue/facts.js'
import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'
import { reasonSentence } from '../gate/sentence.js'

/** A job that starts the child as it should. */
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
        : "Let one job alone start it, without parallel, and name that one: new App({ startedBy: { job: '…' } }).",
    action: 'Let the job that startedBy names start the file, in .gitlab-ci.yml.',
  },
  'child/started-twice': {
    meaning: 'The generated pipeline comes into the project’s own in two ways.',
    sentence: ({ job, file, second }) =>
      `${second ?? 'an include of .gitlab-ci.yml'} brings ${file} into the pipeline too, beside the job ${job}`,
    help: 'Start it by one job alone: otherwise a release is staged, deployed and published twice.',
  },
  'child/unsaid': {
    meaning: 'A job of the project’s own pipeline starts the generated one as its child, and pipeline.ts does not say so.',
    sentence: ({ job, file }) => `the job ${job} of .gitlab-ci.yml starts ${file} as a child pipeline, and pipeline.ts does not say so`,
    help: ({ job }) =>
      `Say it, so that both are judged together: new App({ startedBy: { job: ${JSON.stringify(job)} } }), without workflow: 'theirs'.`,
    action: "Say it: new App({ startedBy: { job: '…' } }).",
  },
  'child/merged': {
    meaning: 'The job that starts the generated pipeline merges another file with it.',
    sentence: ({ job, file, other }) => `the job ${job} starts ${file} together with ${other}, and GitLab merges the two`,
    help: 'Name the generated file alone. Another file goes into pipeline.ts: new App({ include: […] }), where it is judged with the release.',
  },
  'child/parent-id': {
    meaning: 'The job that starts the generated pipeline does not tell it which pipeline has started it.',
    sentence: ({ job, found }) =>
      `the job ${job} forwards ${found === undefined ? `no ${parentVariable}` : `${found} as ${parentVariable}`}, so the child pipeline finds no artifacts of the builds`,
    help: ({ job }) =>
      `Give ${job} variables: { ${parentVariable}: $CI_PIPELINE_ID }, and do not switch trigger:forward:yaml_variables off.`,
    action: `Give the job variables: { ${parentVariable}: $CI_PIPELINE_ID }.`,
  },
  'child/forwards': {
    meaning: 'The job that starts the generated pipeline forwards a variable that changes what it means.',
    sentence: ({ job, variable, because }) =>
      because === 'outranks'
        ? `the job ${job} forwards ${variable}, which outranks the value that the child pipeline gives it`
        : because === 'gitlab'
          ? `the job ${job} forwards ${variable}, which outranks GitLab’s own variables in the child pipeline`
          : `the job ${job} forwards ${variable}, with which jobs that hold a credential refuse to run`,
    help: ({ job }) =>
      `Give ${job} inherit: { variables: false }, so that it forwards its own variables alone, and only ${parentVariable} among them.`,
    action: `Give the job inherit: { variables: false }, and no other variable than ${parentVariable}.`,
  },
  'child/forwards-all': {
    meaning: 'The job that starts the generated pipeline forwards the variables of whoever starts the parent, of schedules and of reports.',
    severity: 'warning',
    sentence: ({ job }) =>
      `the job ${job} forwards the variables of whoever starts its pipeline, of schedules and of reports: each can change what the child pipeline means`,
    help: 'Leave trigger:forward:pipeline_variables out, or accept this with a reason.',
  },
  'child/never-started': {
    meaning: 'The job that starts the generated pipeline does not exist in pipelines of one of its kinds.',
    sentence: ({ job, kind }) => `${where(kind)} the job ${job} never exists, so nothing of that kind runs`,
    help: ({ job, kind }) => `Let the rules of ${job}, and the workflow of .gitlab-ci.yml, take the pipelines of ${kind}.`,
    action: 'Let the rules of the job, and the workflow of .gitlab-ci.yml, take the pipelines of the kind.',
  },
  'child/source': {
    meaning: 'A kind of a child pipeline asks for a source that no child pipeline has.',
    sentence: ({ kind }) => `no pipeline is of the kind ${kind}: in a child pipeline CI_PIPELINE_SOURCE is always parent_pipeline`,
    help: 'Let the rules of the job that starts it choose by the source; ask in the kind for a tag, a branch, or a variable that this job forwards.',
  },
  'child/no-kind': {
    meaning: 'The generated pipeline is started in pipelines that are of none of its kinds.',
    severity: 'warning',
    sentence: ({ job, file }) =>
      `the job ${job} also exists in pipelines for which ${file} has no kind: GitLab starts no child then, and the job fails`,
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
    meaning: 'A build that the generated pipeline takes artifacts of is no job of the parent.',
    sentence: ({ build }) => `.gitlab-ci.yml has no job ${build}, whose artifacts the child pipeline takes`,
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
    help: ({ job, build }) => `Let ${job} need ${build}, not optionally, and ${build} not be allowed to fail.`,
    action: 'Let the job that starts it need the build, not optionally, and the build not be allowed to fail.',
  },
  'child/no-artifacts': {
    meaning: 'A build of the parent leaves no artifacts.',
    sentence: ({ build }) => `the job ${build} leaves no artifacts, and the child pipeline takes them`,
    help: 'Give it artifacts: { paths: […] }.',
  },
  'child/build-expires': {
    meaning: 'Artifacts of a build can expire before the child pipeline takes them.',
    severity: 'warning',
    sentence: ({ build, found }) =>
      `the artifacts of the job ${build} are kept for ${found}, and the child pipeline can still need them then`,
    help: ({ needed }) => `Keep them for ${Duration.days(Math.ceil(needed / 86_400))} or longer, or accept this with a reason.`,
    action: 'Keep the artifacts longer, or accept this with a reason.',
  },
  'child/image': {
    meaning: 'An image that the parent pushes to staging is looked for under the number of the child pipeline.',
    sentence: ({ target, build }) =>
      `the image ${target} is pushed by ${build} of the parent pipeline, and its stage job looks for the number of the child pipeline in its tag`,
    help: "Let the job leave the image as an OCI layout among its artifacts, and name it: layout: 'dist/image'; or build the image in pipeline.ts.",
  },
  'child/same-lock': {
    meaning: 'The job that starts the generated pipeline waits for it with a lock that a job of it asks for.',
    sentence: ({ job, other, group }) =>
      `the job ${job} holds the resource group ${group} until the child pipeline has ended, and ${other} there waits for it`,
    help: 'Take resource_group off the job that starts the child pipeline: the two would wait for each other for ever.',
  },
  'child/too-deep': {
    meaning: 'A deployment of a child pipeline starts a pipeline that starts another one.',
    sentence: ({ job }) => `the pipeline that ${job} starts would start another one, and GitLab starts none below a child’s child`,
    help: 'Let the file of the deployment run its jobs itself.',
  },
}
