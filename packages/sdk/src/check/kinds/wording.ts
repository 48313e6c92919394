import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'

export const kindsWording: Wordings<`kinds/${string}`> = {
  'kinds/no-ref': {
    meaning: 'A kind that publishes names no tag and no branch.',
    sentence: ({ kind }) => `the kind ${kind} publishes, and any protected tag or branch can start it`,
    help: 'Add the refs that may publish to its condition: .and(Condition.tag(…)), or .and(Condition.branch(…)).',
  },
  'kinds/redefined': {
    meaning: 'The pipeline sets a variable of GitLab’s by which kinds are told apart.',
    sentence: ({ kind, variable }) =>
      `${where(kind)} the conditions use ${variable}, but the pipeline sets it, and that value overrides GitLab’s`,
    help: ({ variable }) => `Rename the pipeline’s variable ${variable}.`,
    action: 'Rename the pipeline’s variable.',
  },
  'kinds/producer-absent': {
    meaning: 'A job needs a job that does not exist, or can be missing, in the same kind of pipeline.',
    severity: ({ where: condition }) => (condition === undefined ? 'error' : 'warning'),
    sentence: ({ job, needs, kind, where: condition }) =>
      `${where(kind)} the job ${job} needs ${needs}, which ${condition === undefined ? 'does not exist there' : `is missing where ${condition}`}`,
    help: ({ job, needs, kind, where: condition }) =>
      condition === undefined
        ? `Add ${needs} to the kind ${kind}, or remove this job from it.`
        : `GitLab then refuses the whole pipeline. Give ${job} the rules of ${needs}, or set optional: true in the need.`,
    action: 'Add the needed job to the kind, or remove this job from it; give both the same rules, or make the need optional.',
  },
  'kinds/unreachable': {
    meaning: 'A job exists in no kind of pipeline.',
    sentence: ({ job }) => `the job ${job} exists in no kind of pipeline`,
    help: 'Name a kind in the job’s on, or in a route of its release.',
  },
  'kinds/condition': {
    meaning: "A kind's condition cannot be written as a GitLab expression.",
    sentence: ({ kind, problem }) => `the condition of the kind ${kind} cannot be used: ${problem}`,
    help: 'GitLab’s regular expressions are RE2, which has no lookaheads, lookbehinds or backreferences.',
  },
  'kinds/expression': {
    meaning: 'A rule of the workflow has an expression that GitLab cannot read.',
    sentence: ({ expression, problem }) => `workflow:rules has ${expression}, which GitLab cannot read: ${problem}`,
    help: 'Simplify the conditions of the kinds: use one regular expression instead of several conditions.',
  },
  'kinds/variable': {
    meaning: "A kind's variable has a name or a value that cannot be used.",
    sentence: ({ kind, variable, problem }) => `the kind ${kind} has the variable ${variable}, ${problem}`,
    help: "The name of a variable has letters, digits and _, and its value is text: { EDITION: 'ee' }.",
  },
  'kinds/name': {
    meaning: 'A kind has a name that cannot be used.',
    sentence: ({ kind }) => `${kind} cannot be the name of a kind`,
    help: 'Use letters, digits and hyphens. The name refused is reserved for unprotected refs that match a kind, and any for all kinds.',
  },
  'kinds/no-version': {
    meaning: 'A release is staged in a kind that gives it no version.',
    sentence: ({ kind }) => `a release is staged in the kind ${kind}, but the kind gives it no version`,
    help: "Put a group (?<version>…) into the kind’s tag expression, or name a variable: version: { variable: 'VERSION' }.",
  },
  'kinds/unanchored': {
    meaning: 'The expression that gives a kind its version also matches inside a longer tag.',
    severity: 'warning',
    sentence: ({ kind, expression, ends }) => {
      const place = ends.length === 2 ? 'before and after' : ends[0] === 'start' ? 'before' : 'after'
      return `the kind ${kind} also matches tags with any text ${place} the version: ${expression}`
    },
    help: ({ ends }) =>
      [
        ...(ends.includes('start') ? ['Begin the expression with ^, otherwise a tag such as dev-v1.2 is a release too.'] : []),
        ...(ends.includes('end') ? ['End it with $, otherwise v1.2-broken releases 1.2.'] : []),
      ].join(' '),
    action: 'Begin the expression with ^ and end it with $.',
  },
  'kinds/hidden': {
    meaning: 'Earlier kinds match all pipelines of a kind.',
    sentence: ({ kind }) => `no pipeline is of the kind ${kind}: earlier kinds match them all`,
    help: 'GitLab uses the first kind that matches. Move the narrower kind up, or make the earlier ones narrower.',
  },
}
