import type { GateReason, Reach } from '../../issue/facts.js'

/** The reason why a publishing job can start too early, as a clause. */
export function reasonSentence(reason: GateReason): string {
  switch (reason.is) {
    case 'not-needed':
      return `nothing makes it wait for ${reason.gate}`
    case 'absent':
      return `${reason.gate} does not exist there`
    case 'optional-need':
      return `${reason.job} needs ${reason.needs} only optionally`
    case 'may-fail':
      return `${reason.job} is allowed to fail`
    case 'accepts-failure':
      return `${reason.job} starts with when: ${reason.when}, whether or not earlier jobs succeeded`
    case 'stage-order':
      return `${reason.job} has no needs, and the order of stages ignores skipped jobs`
    case 'some-rules':
      return `${reason.job} needs ${reason.needs} only by some of its rules`
    case 'automatic':
      return `it starts automatically (when: ${reason.when}), without a click before it`
    case 'early-click':
      return `${reason.job} can be clicked before the whole gate has succeeded, and the publishing job then starts automatically`
    case 'redefined':
      return `the pipeline sets ${reason.variable}, which overrides GitLab’s value, so the rule proves nothing about the tag or branch`
    case 'empty-child':
      return `${reason.job} passes even if no job of its child pipeline succeeds`
    case 'not-blocking':
      return 'its allow_failure lets the pipeline finish without it'
    case 'no-strategy':
      return `${reason.job} passes as soon as the other pipeline exists`
    case 'unprotected':
      return reason.rule === undefined
        ? 'no rule requires a protected tag or branch'
        : `its rule ${reason.rule} also matches an unprotected tag or branch`
    case 'foreign-kind':
      return 'the release does not publish in this kind'
  }
}

export function reasonHelp(reason: GateReason): string {
  switch (reason.is) {
    case 'automatic':
      return 'Add when: manual and allow_failure: false to every rule that creates it, or to the job if it has no rules; or let it need a manual approval.'
    case 'early-click':
      return `Let ${reason.job} need every job of the gate, or give the publishing job when: manual and allow_failure: false.`
    case 'redefined':
      return `Rename the variable ${reason.variable}.`
    case 'empty-child':
      return `Make a job of the child pipeline of ${reason.job} run in every case, without allow_failure and without an optional click.`
    case 'not-blocking':
      return 'Set allow_failure: false in its rules, next to when: manual.'
    case 'may-fail':
      return `Remove allow_failure from ${reason.job}.`
    case 'accepts-failure':
      return `Remove when: ${reason.when} from ${reason.job}: a job before publishing must run only when all earlier jobs have succeeded.`
    case 'stage-order':
      return `Give ${reason.job} needs.`
    case 'no-strategy':
      return `Set strategy: depend in the trigger of ${reason.job}, or strategy: mirror with GitLab 18.2 and later.`
    case 'unprotected':
      return reason.rule === undefined
        ? 'Give the job rules that require $CI_COMMIT_REF_PROTECTED == "true", instead of only and except.'
        : 'Add $CI_COMMIT_REF_PROTECTED == "true" to every rule that creates it.'
    case 'foreign-kind':
      return 'Remove the job from this kind, or let a route of its release publish in this kind.'
    default:
      return 'Let it need every job of the gate, without optional: true. If a patch, an override or an included file changed that, undo the change.'
  }
}

export function reachSentence(reach: Reach): string {
  switch (reach.by) {
    case 'release':
      return 'it publishes'
    case 'declared':
      return `it declares ${reach.variable}, which writes to ${reach.repository}`
    case 'used':
      return `it names ${reach.variable}, which writes to ${reach.repository}`
    case 'id-token':
      return `it requests an ID token for ${reach.from}, which can write to ${reach.repository} (${reach.variable})`
    case 'vault':
      return `it fetches ${reach.from}, which writes to ${reach.repository}`
    case 'environment':
      return `it has the environment ${reach.environment}, and so gets the variables of that scope`
  }
}

export function reachHelp(reach: Reach): string {
  return reach.by === 'id-token'
    ? 'Give the secrets of public repositories an audience that no other job requests, and bind the role in Vault or in the cloud to that audience.'
    : 'Let only the jobs that publish behind the gate write to public repositories.'
}
