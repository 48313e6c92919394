import { nearest } from '@stagegate/schema'
import type { Wordings } from '../issue/wording.js'
import { lineOf, placeOf } from '../issue/words.js'

export const structureWording: Wordings<`accept/${string}` | `gitlab/${string}` | `structure/${string}`> = {
  'structure/duplicate-name': {
    meaning: 'Two constructs, or two jobs, have the same name.',
    sentence: ({ name, first }) => `${name} is used twice${first === undefined ? '' : `; first at ${lineOf(first)}`}`,
    help: 'Give one of them another name.',
  },
  'structure/label': {
    meaning: 'A construct has a name that cannot be used.',
    sentence: ({ label }) => `${JSON.stringify(label.slice(0, 60))} cannot be a name`,
    help: 'A name is one line of 1 to 255 characters, without control characters.',
  },
  'structure/reserved-name': {
    meaning: 'A job has a name that GitLab or Stagegate reserves.',
    sentence: ({ job }) => `${job} is a reserved name, so no job can have it`,
    help: 'GitLab uses it as a keyword or for a template, or Stagegate uses it (refused). Choose another name.',
  },
  'structure/name-length': {
    meaning: "A job's name is too long for GitLab.",
    sentence: ({ job, length }) => `the name of the job ${job.slice(0, 40)}… has ${length} characters`,
    help: 'GitLab accepts names of at most 255 characters.',
  },
  'structure/empty': {
    meaning: 'The pipeline has no job.',
    sentence: () => 'the pipeline has no job',
    help: 'Add a job, or a release with a route. A route without staging still adds its build jobs.',
  },
  'structure/unknown-stage': {
    meaning: 'A job is in a stage that does not exist.',
    sentence: ({ job, stage }) => `the job ${job} is in the stage ${stage}, which does not exist`,
    help: ({ stage, stages }) => {
      const meant = nearest(stage, stages)
      const question = meant === undefined ? '' : `Did you mean ${meant}? `
      return `${question}The stages are ${stages.join(', ')}. Add others with new App({ stages: […] }).`
    },
    action: 'Use one of the stages, or add the stage to new App({ stages: […] }).',
  },
  'structure/install': {
    meaning: "The job prepare installs the command with npm, but the project's folder lacks the files that npm needs.",
    severity: 'warning',
    sentence: ({ missing, line }) => `the job prepare runs ${line}, but there is no ${missing.join(' and no ')} next to pipeline.ts`,
    help: "Run npm install --save-dev stagegate there and commit both files; or set your own install command: new App({ cli: { install: ['…'] } }).",
  },
  'structure/no-script': {
    meaning: 'A job neither runs a script nor starts another pipeline.',
    sentence: ({ job }) => `the job ${job} has no script`,
    help: "A job has script: ['…'] with at least one line, or a trigger.",
  },
  'structure/unknown-keyword': {
    meaning: 'A job has a property that is not a keyword.',
    sentence: ({ job, keyword }) => `the job ${job} has ${keyword}, which is not a keyword`,
    help: ({ meant }) =>
      meant === undefined
        ? 'Remove it. If GitLab has this keyword and Stagegate does not know it, use job.addOverride(path, value, because).'
        : `Did you mean ${meant}?`,
    action: 'Correct the name, or use job.addOverride(path, value, because).',
  },
  'structure/unknown-property': {
    meaning: 'A construct has a property that nothing reads.',
    sentence: ({ name, property }) => `${name === '' ? 'the app' : name} has ${property}, which is not one of its properties`,
    help: ({ meant }) => (meant === undefined ? 'Leave it out.' : `Did you mean ${meant}?`),
    action: 'Correct the name, or leave the property out.',
  },
  'structure/value': {
    meaning: 'A keyword has a value of the wrong type or form.',
    sentence: ({ job, keyword, expected, found }) => `${keyword} of the job ${job} is ${found}, but should be ${expected}`,
    help: ({ keyword, expected, found }) =>
      /\bwhen$/.test(keyword) && found === '"manual"'
        ? "For a manual job write manual: 'blocking' or 'optional' instead of when: 'manual', so that it is explicit whether the pipeline waits."
        : `Give it ${expected}.`,
    action: 'Give the keyword a value of the expected form.',
  },
  'structure/script-and-trigger': {
    meaning: 'A job has both a script and a trigger.',
    sentence: ({ job }) => `the job ${job} has a script and a trigger`,
    help: 'A job either runs a script or starts another pipeline. Split it into two jobs.',
  },
  'structure/environment-name': {
    meaning: "An environment's name has characters that GitLab refuses.",
    sentence: ({ job, environment }) => `the environment of the job ${job} has the name ${JSON.stringify(environment)}`,
    help: 'Use letters, digits, spaces and - _ / . $ { }, without / at either end.',
  },
  'structure/override': {
    meaning: 'An override leads through a value that is not an object or a list.',
    sentence: ({ job, keyword, at }) =>
      `${keyword} of the job ${job} cannot be overridden: ${at} is neither an object nor a list with this item`,
    help: ({ at }) => `Override ${at} as a whole.`,
    action: 'Override the enclosing value as a whole.',
  },
  'structure/patch': {
    meaning: 'A patch throws, or leaves a document that cannot be rendered.',
    sentence: ({ because, problem }) => `the patch “${because}” cannot be applied: ${problem}`,
    help: 'A patch must keep the form of stages, workflow, variables and jobs, and may add only values that JSON can hold.',
  },
  'structure/needs-undefined': {
    meaning: 'A job needs a job that does not exist.',
    sentence: ({ job, needs }) => `the job ${job} needs ${needs}, which does not exist`,
    help: 'Name a job of this app. For a job of a file that new App({ include: […] }) names, write { name: … }.',
  },
  'structure/needs-later-stage': {
    meaning: 'A job needs a job of a later stage.',
    sentence: ({ job, needs, stage, later }) => `the job ${job} in the stage ${stage} needs ${needs}, which is in the later stage ${later}`,
    help: 'Move one of the two to another stage.',
  },
  'structure/needs-duplicate': {
    meaning: 'A job needs another job twice.',
    sentence: ({ job, needs }) => `the job ${job} needs ${needs} twice`,
    help: 'Name it once.',
  },
  'structure/needs-limit': {
    meaning: 'A job needs more jobs than GitLab allows.',
    sentence: ({ job, count, limit }) => `the job ${job} needs ${count} jobs, but GitLab allows only ${limit}`,
    help: 'Put a job in between that needs some of them.',
  },
  'structure/too-big': {
    meaning: 'The pipeline is larger than GitLab accepts by default, or takes half of the memory that GitLab allows by default.',
    severity: 'warning',
    sentence: ({ bytes, limit, of }) =>
      of === 'file'
        ? `the pipeline has ${bytes} bytes, but GitLab accepts only ${limit} by default`
        : `the pipeline takes about ${bytes} bytes of GitLab's memory, ${Math.round((100 * bytes) / limit)} % of the ${limit} that it allows by default`,
    help: 'Split it into several projects; or ask the administrator to raise max_yaml_size_bytes, and accept this with a reason.',
  },
  'structure/too-new': {
    meaning: 'A keyword is newer than the oldest GitLab that the app supports.',
    sentence: ({ keyword, since, oldest }) => `${keyword} needs GitLab ${since}, but the app supports GitLab ${oldest} too`,
    help: ({ since }) => `Remove it, or support only newer versions: new App({ gitlab: '>=${since}' }).`,
    action: "Remove the keyword, or support only newer versions: new App({ gitlab: '>=…' }).",
  },
  'structure/not-included': {
    meaning: "The project's own pipeline does not include the generated one.",
    severity: 'warning',
    sentence: ({ file }) => `.gitlab-ci.yml does not include ${file}, so nothing of it runs`,
    help: ({ file }) => `Add it there: include: [{ local: /${file.replace(/^\//, '')} }].`,
    action: 'Add the include to .gitlab-ci.yml.',
  },
  'structure/root-stages': {
    meaning: "The project's own pipeline sets its stages, and leaves out those of the generated one.",
    sentence: ({ file }) => `.gitlab-ci.yml sets its own stages, so GitLab ignores those of ${file}`,
    help: ({ stages }) => `Write there: stages: [${stages.join(', ')}].`,
    action: 'Add the stages to .gitlab-ci.yml.',
  },
  'structure/workflow-included': {
    meaning: "The generated workflow and the project's own pipeline do not fit together.",
    severity: ({ wins }) => (wins === 'generated' ? 'warning' : 'error'),
    sentence: ({ file, wins }) =>
      wins === 'generated'
        ? `the workflow of ${file} applies to the whole pipeline, so .gitlab-ci.yml starts no other pipelines any more`
        : `.gitlab-ci.yml has its own workflow, which replaces the one of ${file}, so no pipeline gets a kind`,
    help: "Keep your own workflow: new App({ workflow: 'theirs' }).",
  },
  'structure/redefined': {
    meaning: 'An included file has a job of the same name, and GitLab merges the two.',
    sentence: ({ job, made }) => `an included file also has a job ${job}${placeOf(made)}, and GitLab merges the two`,
    help: 'Rename one of them, or remove it from the included file.',
  },
  'structure/child': {
    meaning: 'A job starts a child pipeline that GitLab refuses.',
    sentence: ({ job, problem }) => `the job ${job} starts a pipeline that GitLab refuses: ${problem}`,
    help: 'Correct the file, or name another in the trigger.',
  },
  'gitlab/refused': {
    meaning: "The pipeline breaks one of GitLab's own rules.",
    sentence: ({ message, at }) => `GitLab refuses ${at === '' ? 'the pipeline' : at}: ${message}`,
    help: ({ finding }) => `Follow GitLab's rule ${finding}; docs/lint.md names its source.`,
    action: "Follow GitLab's rule; docs/lint.md names its source.",
  },
  'structure/cycle': {
    meaning: 'Jobs need one another in a circle.',
    sentence: ({ through }) => `jobs need one another in a circle: ${through.join(' needs ')}`,
    help: 'Remove one of these needs.',
  },
  'structure/expression': {
    meaning: "A job's rule has an expression that GitLab cannot read.",
    sentence: ({ job, expression, problem }) => `the job ${job} has the rule ${expression}, which GitLab cannot read: ${problem}`,
    help: 'See GitLab’s documentation of CI/CD expressions.',
  },
  'structure/resource-group': {
    meaning: 'A resource group has a name that locks nothing.',
    sentence: ({ job, group }) => `the job ${job} has the resource group ${JSON.stringify(group)}, which locks nothing`,
    help: 'GitLab silently drops other names: use letters, digits, spaces and - _ / . $ { }, without / at either end.',
  },
  'structure/deployment-tier': {
    meaning: 'An environment has a tier that GitLab does not know.',
    sentence: ({ job, tier }) => `the environment of the job ${job} has the tier ${tier}, which makes the job fail`,
    help: ({ tiers }) => `A tier is one of ${tiers.join(', ')}.`,
    action: 'Use one of the tiers that GitLab knows.',
  },
  'accept/subject': {
    meaning: 'A warning is accepted without the file or the job that it is about.',
    severity: 'warning',
    sentence: ({ accepted }) => `${accepted} is accepted without a file or a job, which has no effect`,
    help: "Name it: app.accept(code, because, { file: '…' }), or { job: '…' }.",
  },
  'accept/unused': {
    meaning: 'An accepted warning does not occur.',
    severity: 'warning',
    sentence: ({ accepted }) => `${accepted} is accepted but does not occur`,
    help: 'Remove the app.accept(…).',
  },
}
