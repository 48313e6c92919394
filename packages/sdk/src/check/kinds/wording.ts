import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'

export const kindsWording: Wordings<`kinds/${string}`> = {
  'kinds/no-ref': {
    meaning: 'A kind that publishes names no tag and no branch.',
    sentence: ({ kind }) => `the kind ${kind} publishes, and any protected tag or branch is of it`,
    help: 'Add the refs that may publish to its condition: .and(Condition.tag(…)), or .and(Condition.branch(…)).',
  },
  'kinds/redefined': {
    meaning: 'The pipeline gives a variable of GitLab, by which kinds are told, a value of its own.',
    sentence: ({ kind, variable }) => `${where(kind)} ${variable} is asked for, and the pipeline gives it a value, which outranks GitLab’s`,
    help: ({ variable }) => `Give the pipeline’s variable another name than ${variable}.`,
    action: 'Give the variable of the pipeline another name.',
  },
  'kinds/producer-absent': {
    meaning: 'A job needs a job that does not exist, or can be missing, in the same kind of pipeline.',
    severity: ({ where: condition }) => (condition === undefined ? 'error' : 'warning'),
    sentence: ({ job, needs, kind, where: condition }) =>
      `${where(kind)} the job ${job} needs ${needs}, which ${condition === undefined ? 'does not exist there' : `is missing where ${condition}`}`,
    help: ({ job, needs, kind, where: condition }) =>
      condition === undefined
        ? `Let ${needs} exist in ${kind} too, or this job not.`
        : `GitLab then refuses the whole pipeline. Give ${job} the rules of ${needs}, or let the need be optional: true.`,
    action: 'Let the needed job exist in the kind too, or this job not; give both the same rules, or let the need be optional.',
  },
  'kinds/unreachable': {
    meaning: 'A job exists in no kind of pipeline.',
    sentence: ({ job }) => `the job ${job} exists in no kind of pipeline`,
    help: 'Name a kind in on, or in a route of its release.',
  },
  'kinds/condition': {
    meaning: "A kind's condition cannot be written as a GitLab expression.",
    sentence: ({ kind, problem }) => `the condition of the kind ${kind} cannot be used: ${problem}`,
    help: 'GitLab’s regular expressions are RE2, which has no lookaheads, lookbehinds or backreferences.',
  },
  'kinds/expression': {
    meaning: 'A rule of the workflow has an expression that GitLab cannot read.',
    sentence: ({ expression, problem }) => `workflow:rules has ${expression}, which GitLab cannot read: ${problem}`,
    help: 'Make the conditions of the kinds simpler: one regular expression in place of several conditions.',
  },
  'kinds/variable': {
    meaning: "A kind's variable has a name or a value that cannot be used.",
    sentence: ({ kind, variable, problem }) => `the kind ${kind} has the variable ${variable}, ${problem}`,
    help: "Variables have letters, digits and _ in their names, and text as values: { EDITION: 'ee' }.",
  },
  'kinds/name': {
    meaning: 'A kind has a name that cannot be used.',
    sentence: ({ kind }) => `${kind} cannot be the name of a kind`,
    help: 'Use letters, digits and hyphens; refused is taken for refs that match and are not protected, and any stands for all.',
  },
  'kinds/no-version': {
    meaning: 'A release is staged in a kind that gives it no version.',
    sentence: ({ kind }) => `a release is staged in the kind ${kind}, which gives it no version`,
    help: "Put a group (?<version>…) into its tag expression, or name a variable: version: { variable: 'VERSION' }.",
  },
  'kinds/unanchored': {
    meaning: 'The expression that gives a kind its version also matches inside a longer tag.',
    severity: 'warning',
    sentence: ({ kind, expression, ends }) => {
      const place = ends.length === 2 ? 'before and behind' : ends[0] === 'start' ? 'before' : 'behind'
      return `the kind ${kind} takes its version from tags with anything ${place} it: ${expression}`
    },
    help: ({ ends }) =>
      [
        ...(ends.includes('start') ? ['Begin the expression with ^, or a tag such as dev-v1.2 is a release too.'] : []),
        ...(ends.includes('end') ? ['End it with $, or v1.2-broken is a release 1.2.'] : []),
      ].join(' '),
    action: 'Begin the expression with ^ and end it with $.',
  },
  'kinds/hidden': {
    meaning: 'Earlier kinds take all pipelines of a kind.',
    sentence: ({ kind }) => `no pipeline is of the kind ${kind}: kinds before it take them all`,
    help: 'Kinds are tried in their order: move the narrower one up, or make the ones before it narrower.',
  },
}
