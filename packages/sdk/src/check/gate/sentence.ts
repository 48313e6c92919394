import type { GateReason, Reach } from '../../issue/facts.js'

/** The reason why a publishing job can start too early, as half a sentence. */
export function reasonSentence(reason: GateReason): string {
  switch (reason.is) {
    case 'not-needed':
      return `nothing makes it wait for ${reason.gate}`
    case 'absent':
      return `${reason.gate} does not exist there`
    case 'optional-need':
      return `${reason.job} needs ${reason.needs} only optionally`
    case 'may-fail':
      return `${reason.job} may fail and still lets it pass`
    case 'accepts-failure':
      return `${reason.job} starts with when: ${reason.when}, whatever came before`
    case 'stage-order':
      return `${reason.job} has no needs, and the order of stages lets skipped jobs pass`
    case 'some-rules':
      return `${reason.job} needs ${reason.needs} by some of its rules alone`
    case 'automatic':
      return `it starts by itself (when: ${reason.when}), and nobody has clicked before`
    case 'early-click':
      return `${reason.job} is clicked before all of its gate has succeeded, and it starts by itself afterwards`
    case 'redefined':
      return `the pipeline gives ${reason.variable} a value of its own, which outranks GitLab’s: its rule says nothing of the tag or branch`
    case 'empty-child':
      return `${reason.job} is green although no job of its child pipeline has to succeed`
    case 'not-blocking':
      return 'its allow_failure lets the pipeline end without it'
    case 'no-strategy':
      return `${reason.job} is green as soon as the other pipeline exists`
    case 'unprotected':
      return reason.rule === undefined
        ? 'no rule asks for a protected tag or branch'
        : `its rule ${reason.rule} holds where the tag or branch is not protected`
    case 'foreign-kind':
      return 'nothing is published by it in this kind'
  }
}

export function reasonHelp(reason: GateReason): string {
  switch (reason.is) {
    case 'automatic':
      return 'Give every rule by which it exists when: manual and allow_failure: false, or let it need a manual approval.'
    case 'early-click':
      return `Let ${reason.job} need every job of the gate, or give the publishing job when: manual and allow_failure: false.`
    case 'redefined':
      return `Give the variable another name than ${reason.variable}.`
    case 'empty-child':
      return `Let a job of the child pipeline of ${reason.job} exist in any case, without allow_failure and without an optional click.`
    case 'not-blocking':
      return 'Give its rules allow_failure: false beside when: manual.'
    case 'may-fail':
      return `Take allow_failure off ${reason.job}.`
    case 'accepts-failure':
      return `Take when: ${reason.when} off ${reason.job}: what stands before publishing runs when all before it has succeeded.`
    case 'stage-order':
      return `Give ${reason.job} needs.`
    case 'no-strategy':
      return `Give the trigger of ${reason.job} strategy: depend, or mirror from GitLab 18.2 on.`
    case 'unprotected':
      return 'Add $CI_COMMIT_REF_PROTECTED == "true" to every rule by which it exists.'
    case 'foreign-kind':
      return 'Leave the job out of this kind, or let a route of its release publish there.'
    default:
      return 'Let it need every job of the gate, without optional: true; where a patch, an override or an included file changed that, take it back.'
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
      return `it asks for an ID token for ${reach.from}, with which ${reach.repository} can be written to (${reach.variable})`
    case 'vault':
      return `it fetches ${reach.from}, which writes to ${reach.repository}`
    case 'environment':
      return `it names the environment ${reach.environment}, and so gets the variables of that scope`
  }
}

export function reachHelp(reach: Reach): string {
  return reach.by === 'id-token'
    ? 'Give the secrets of public repositories an audience that no other job asks for, and bind the role in Vault or in the cloud to it.'
    : 'Leave writing to public repositories to the jobs that publish behind the gate.'
}
