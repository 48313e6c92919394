import { basename } from 'node:path'
import type { GateReason } from './check/gate/gate.js'
import { reachHelp, reachSentence, reasonHelp, reasonSentence } from './check/gate/sentence.js'
import type { Reach } from './check/gate/writers.js'
import { Duration } from './duration.js'
import { nearest } from './nearest.js'
import type { SourceLocation } from './source-location.js'

/** What was found, as data. One member for each code; codes are stable. */
export type IssueFacts =
  | { readonly code: 'structure/duplicate-name'; readonly name: string; readonly first: SourceLocation }
  | { readonly code: 'structure/label'; readonly label: string }
  | { readonly code: 'structure/reserved-name'; readonly job: string }
  | { readonly code: 'structure/name-length'; readonly job: string; readonly length: number }
  | { readonly code: 'structure/empty'; readonly kinds: readonly string[] }
  | { readonly code: 'structure/unknown-stage'; readonly job: string; readonly stage: string; readonly stages: readonly string[] }
  | { readonly code: 'structure/no-script'; readonly job: string }
  | { readonly code: 'structure/unknown-keyword'; readonly job: string; readonly keyword: string; readonly meant: string | undefined }
  | {
      readonly code: 'structure/unknown-property'
      readonly name: string
      readonly property: string
      readonly meant: string | undefined
    }
  | { readonly code: 'structure/value'; readonly job: string; readonly keyword: string; readonly expected: string; readonly found: string }
  | { readonly code: 'structure/script-and-trigger'; readonly job: string }
  | { readonly code: 'structure/environment-name'; readonly job: string; readonly environment: string }
  | { readonly code: 'structure/override'; readonly job: string; readonly keyword: string; readonly at: string }
  | { readonly code: 'structure/patch'; readonly because: string; readonly problem: string }
  | { readonly code: 'structure/needs-undefined'; readonly job: string; readonly needs: string }
  | {
      readonly code: 'structure/needs-later-stage'
      readonly job: string
      readonly needs: string
      readonly stage: string
      readonly later: string
    }
  | { readonly code: 'structure/needs-duplicate'; readonly job: string; readonly needs: string }
  | { readonly code: 'structure/needs-limit'; readonly job: string; readonly count: number; readonly limit: number }
  | { readonly code: 'gate/include'; readonly files: readonly string[] }
  | { readonly code: 'structure/too-big'; readonly bytes: number; readonly limit: number }
  | { readonly code: 'structure/too-new'; readonly keyword: string; readonly since: string; readonly oldest: string }
  | { readonly code: 'structure/redefined'; readonly job: string; readonly made: SourceLocation | undefined }
  | { readonly code: 'structure/child'; readonly job: string; readonly problem: string }
  | { readonly code: 'secrets/in-child'; readonly job: string; readonly name: string; readonly reach: Reach }
  | { readonly code: 'gitlab/refused'; readonly finding: string; readonly at: string; readonly message: string }
  | { readonly code: 'structure/cycle'; readonly through: readonly string[] }
  | { readonly code: 'structure/expression'; readonly job: string; readonly expression: string; readonly problem: string }
  | { readonly code: 'kinds/producer-absent'; readonly job: string; readonly needs: string; readonly kind: string }
  | { readonly code: 'kinds/unreachable'; readonly job: string }
  | { readonly code: 'kinds/condition'; readonly kind: string; readonly problem: string }
  | { readonly code: 'kinds/expression'; readonly expression: string; readonly problem: string }
  | { readonly code: 'kinds/variable'; readonly kind: string; readonly variable: string; readonly problem: string }
  | { readonly code: 'kinds/name'; readonly kind: string }
  | { readonly code: 'kinds/no-version'; readonly kind: string }
  | { readonly code: 'routes/twice'; readonly kind: string }
  | { readonly code: 'routes/foreign'; readonly kind: string; readonly name: string }
  | {
      readonly code: 'routes/destination-twice'
      readonly kind: string
      readonly repository: string
      readonly distribution: string
    }
  | { readonly code: 'routes/repository-name'; readonly repository: string }
  | { readonly code: 'routes/public-without-staging'; readonly kind: string }
  | { readonly code: 'routes/empty'; readonly release: string }
  | { readonly code: 'routes/format'; readonly target: string; readonly repository: string; readonly format: string }
  | { readonly code: 'target/distribution'; readonly target: string; readonly distribution: string }
  | { readonly code: 'target/architecture'; readonly target: string; readonly architecture: string }
  | { readonly code: 'target/packages'; readonly target: string }
  | { readonly code: 'target/image-name'; readonly target: string; readonly name: string }
  | { readonly code: 'target/platform'; readonly target: string; readonly platform: string }
  | { readonly code: 'target/tag'; readonly target: string; readonly tag: string }
  | { readonly code: 'gate/same-place'; readonly staging: string; readonly public: string; readonly place: string }
  | { readonly code: 'secrets/none'; readonly repository: string }
  | { readonly code: 'isolation/command-not-pinned'; readonly because: 'off' | 'unknown' }
  | { readonly code: 'isolation/image-not-pinned'; readonly image: string }
  | {
      readonly code: 'gate/open'
      readonly kind: string
      readonly job: string
      /** From the job that publishes to where the gate gives way. */
      readonly through: readonly string[]
      /** The author's lines of the same jobs. */
      readonly sources: readonly (SourceLocation | undefined)[]
      readonly because: GateReason
    }
  | { readonly code: 'secrets/reachable'; readonly job: string; readonly kind: string; readonly reach: Reach }
  | { readonly code: 'secrets/everywhere'; readonly repository: string; readonly variable: string }
  | { readonly code: 'secrets/renamed'; readonly variable: string; readonly where: 'variables' | 'workflow' | 'inputs' }
  | { readonly code: 'secrets/environment'; readonly job: string; readonly environment: string }
  | { readonly code: 'secrets/shared'; readonly job: string; readonly variable: string; readonly owner: string }
  | { readonly code: 'secrets/defined'; readonly variable: string; readonly where: string }
  | { readonly code: 'secrets/command-line'; readonly job: string; readonly variable: string; readonly line: string }
  | { readonly code: 'isolation/installs'; readonly job: string; readonly line: string }
  | { readonly code: 'isolation/inherits'; readonly job: string; readonly what: 'default' | 'variables' }
  | { readonly code: 'isolation/keyword'; readonly job: string; readonly keyword: string }
  | { readonly code: 'isolation/checkout'; readonly job: string; readonly strategy: string | undefined }
  | { readonly code: 'isolation/retry'; readonly job: string; readonly on: 'credential' | 'deployment' }
  | { readonly code: 'isolation/artifacts'; readonly job: string; readonly from: string; readonly made: SourceLocation | undefined }
  | { readonly code: 'isolation/overlap'; readonly job: string; readonly glob: string }
  | { readonly code: 'isolation/cancelled'; readonly of: string; readonly keyword: string }
  | { readonly code: 'hold/expires'; readonly job: string; readonly found: string | undefined; readonly needed: number }
  | { readonly code: 'hold/not-kept'; readonly job: string }
  | { readonly code: 'hold/left-out'; readonly kind: string; readonly stage: string; readonly seal: string }
  | { readonly code: 'manual/two-clicks'; readonly kind: string; readonly job: string; readonly needs: string }
  | { readonly code: 'manual/optional-need'; readonly kind: string; readonly job: string; readonly needs: string }
  | { readonly code: 'manual/unsaid'; readonly job: string; readonly default: boolean }
  | { readonly code: 'manual/trigger'; readonly job: string }
  | { readonly code: 'kinds/hidden'; readonly kind: string }
  | { readonly code: 'structure/resource-group'; readonly job: string; readonly group: string }
  | { readonly code: 'structure/deployment-tier'; readonly job: string; readonly tier: string; readonly tiers: readonly string[] }
  | { readonly code: 'accept/unused'; readonly accepted: string }

/** Something that synth refuses (`error`), or wants a word about (`warning`). */
export type Issue = {
  readonly severity: 'error' | 'warning'
  /** The construct: `acme/ubuntu/jammy`. */
  readonly path: string
  /** The author's line. */
  readonly source?: SourceLocation
  /** What to change. */
  readonly help: string
} & IssueFacts

type Code = IssueFacts['code']
type Facts<C extends Code> = Extract<IssueFacts, { code: C }>
interface Wording<C extends Code> {
  readonly severity?: 'warning'
  sentence(facts: Facts<C>): string
  help(facts: Facts<C>): string
}

export function issueAt(place: { readonly path: string; readonly source?: SourceLocation | undefined }, facts: IssueFacts): Issue {
  const { severity, help } = wordingOf(facts)
  return { severity: severity ?? 'error', path: place.path, ...(place.source && { source: place.source }), help: help(facts), ...facts }
}

/** The issue as one sentence; `help` says what to do about it. */
export function sentenceOf(facts: IssueFacts): string {
  return wordingOf(facts).sentence(facts)
}

function wordingOf(facts: IssueFacts): Wording<Code> {
  // The catalogue is keyed by the facts' own code, so the wording takes exactly these facts.
  return catalogue[facts.code] as Wording<Code>
}

const catalogue: { readonly [C in Code]: Wording<C> } = {
  'structure/duplicate-name': {
    sentence: ({ name, first }) => `${name} is used twice; first at ${basename(first.file)}:${first.line}`,
    help: () => 'Give one of them another name.',
  },
  'structure/label': {
    sentence: ({ label }) => `${JSON.stringify(label.slice(0, 60))} cannot be a name`,
    help: () => 'A name is one line of 1 to 255 characters, without control characters.',
  },
  'structure/reserved-name': {
    sentence: ({ job }) => `no job can have the name ${job}`,
    help: () => 'GitLab takes it for a keyword or a template, and refused is the job of refs that are not protected. Choose another.',
  },
  'structure/name-length': {
    sentence: ({ job, length }) => `the name of the job ${job.slice(0, 40)}… has ${length} characters`,
    help: () => 'GitLab takes names of at most 255 characters.',
  },
  'structure/empty': {
    sentence: () => 'the pipeline has no job',
    help: () => 'Add a job or a release; a route without staging builds only, and that is a job too.',
  },
  'structure/unknown-stage': {
    sentence: ({ job, stage }) => `the job ${job} is in the stage ${stage}, which does not exist`,
    help: ({ stage, stages }) => {
      const meant = nearest(stage, stages)
      const question = meant === undefined ? '' : `Did you mean ${meant}? `
      return `${question}The stages are ${stages.join(', ')}. Others go into new App({ stages: […] }).`
    },
  },
  'structure/no-script': {
    sentence: ({ job }) => `the job ${job} has no script`,
    help: () => "A job has script: ['…'] with at least one line, or a trigger.",
  },
  'structure/unknown-keyword': {
    sentence: ({ job, keyword }) => `the job ${job} has ${keyword}, which is not a keyword`,
    help: ({ meant }) =>
      meant === undefined
        ? 'Leave it out; what GitLab has and this does not goes through job.addOverride(path, value, because).'
        : `Did you mean ${meant}?`,
  },
  'structure/unknown-property': {
    sentence: ({ name, property }) => `${name === '' ? 'the app' : name} has ${property}, which is not one of its properties`,
    help: ({ meant }) => (meant === undefined ? 'Leave it out.' : `Did you mean ${meant}?`),
  },
  'structure/value': {
    sentence: ({ job, keyword, expected, found }) => `${keyword} of the job ${job} is ${found}, and should be ${expected}`,
    help: ({ keyword, expected, found }) =>
      /\bwhen$/.test(keyword) && found === '"manual"'
        ? "What waits for a click says manual: 'blocking' or 'optional', in place of when: whether the pipeline waits too is never left unsaid."
        : `Give it ${expected}.`,
  },
  'structure/script-and-trigger': {
    sentence: ({ job }) => `the job ${job} has a script and a trigger`,
    help: () => 'A job runs a script or starts another pipeline: make it two jobs.',
  },
  'structure/environment-name': {
    sentence: ({ job, environment }) => `the environment of the job ${job} has the name ${JSON.stringify(environment)}`,
    help: () => 'Use letters, digits, spaces and - _ / . $ { }, without / at either end.',
  },
  'structure/override': {
    sentence: ({ job, keyword, at }) => `${keyword} of the job ${job} cannot be overridden: ${at} is a single value, or has no such item`,
    help: ({ at }) => `Override ${at} as a whole.`,
  },
  'structure/patch': {
    sentence: ({ because, problem }) => `the patch “${because}” cannot be applied: ${problem}`,
    help: () => 'A patch leaves stages, workflow, variables and jobs in their form, and adds nothing that JSON cannot hold.',
  },
  'structure/needs-undefined': {
    sentence: ({ job, needs }) => `the job ${job} needs ${needs}, which does not exist`,
    help: () => 'Need a job of this app; { name: … } is for one of a file that new App({ include: […] }) names.',
  },
  'structure/needs-later-stage': {
    sentence: ({ job, needs, stage, later }) => `the job ${job} in the stage ${stage} needs ${needs}, which is in the later stage ${later}`,
    help: () => 'Move one of the two to another stage.',
  },
  'structure/needs-duplicate': {
    sentence: ({ job, needs }) => `the job ${job} needs ${needs} twice`,
    help: () => 'Name it once.',
  },
  'structure/needs-limit': {
    sentence: ({ job, count, limit }) => `the job ${job} needs ${count} jobs, and GitLab allows ${limit}`,
    help: () => 'Gather some of them in a job between.',
  },
  'gate/include': {
    severity: 'warning',
    sentence: ({ files }) =>
      `what is in ${files.join(', ')} is not looked at, and can redefine the jobs of the gate, what they inherit, and who gets at the credentials`,
    help: () =>
      "Look at it yourself, and accept this with a reason: app.accept('gate/include', …). Local files that are named in full, without rules, are read by stagegate synth.",
  },
  'structure/too-big': {
    severity: 'warning',
    sentence: ({ bytes, limit }) => `the pipeline has ${bytes} bytes, and GitLab takes ${limit} unless its administrator says otherwise`,
    help: () => 'Split it into projects, or let the administrator raise max_yaml_size_bytes and accept this with a reason.',
  },
  'structure/too-new': {
    sentence: ({ keyword, since, oldest }) => `${keyword} came with GitLab ${since}, and ${oldest} is to be supported`,
    help: ({ since }) => `Leave it out, or support no older one: new App({ gitlab: '>=${since}' }).`,
  },
  'structure/redefined': {
    sentence: ({ job, made }) => `an included file has the job ${job}${placeOf(made)} too, and GitLab merges the two`,
    help: () => 'Give one of them another name, or take it out of the included file.',
  },
  'structure/child': {
    sentence: ({ job, problem }) => `the job ${job} starts a pipeline that GitLab refuses: ${problem}`,
    help: () => 'Mend the file, or name another in the trigger.',
  },
  'secrets/in-child': {
    sentence: ({ job, name, reach }) =>
      `the job ${name} of the pipeline that ${job} starts can get at the credential of a public repository: ${reachSentence(reach)}`,
    help: ({ reach }) => reachHelp(reach),
  },
  'gitlab/refused': {
    sentence: ({ message, at }) => `GitLab refuses ${at === '' ? 'the pipeline' : at}: ${message}`,
    help: ({ finding }) => `It is a rule of GitLab's own (${finding}).`,
  },
  'structure/cycle': {
    sentence: ({ through }) => `jobs need one another in a circle: ${through.join(' needs ')}`,
    help: () => 'Take one of these needs out.',
  },
  'structure/expression': {
    sentence: ({ job, expression, problem }) => `the job ${job} has the rule ${expression}, which GitLab cannot read: ${problem}`,
    help: () => 'See GitLab’s documentation of CI/CD expressions.',
  },
  'kinds/producer-absent': {
    sentence: ({ job, needs, kind }) => `${where(kind)} the job ${job} needs ${needs}, which does not exist there`,
    help: ({ needs, kind }) => `Let ${needs} exist in ${kind} too, or this job not.`,
  },
  'kinds/unreachable': {
    sentence: ({ job }) => `the job ${job} exists in no kind of pipeline`,
    help: () => 'Name a kind in on, or in a route of its release.',
  },
  'kinds/condition': {
    sentence: ({ kind, problem }) => `the condition of the kind ${kind} cannot be used: ${problem}`,
    help: () => 'GitLab’s regular expressions are RE2: no lookaheads, lookbehinds or backreferences.',
  },
  'kinds/expression': {
    sentence: ({ expression, problem }) => `workflow:rules has ${expression}, which GitLab cannot read: ${problem}`,
    help: () => 'Make the conditions of the kinds simpler: one regular expression in place of several conditions.',
  },
  'kinds/variable': {
    sentence: ({ kind, variable, problem }) => `the kind ${kind} has the variable ${variable}, ${problem}`,
    help: () => "Variables have letters, digits and _ in their names, and text as values: { EDITION: 'ee' }.",
  },
  'kinds/name': {
    sentence: ({ kind }) => `${kind} cannot be the name of a kind`,
    help: () => 'Use letters, digits and hyphens; refused is taken for refs that match and are not protected, and any stands for all.',
  },
  'kinds/no-version': {
    sentence: ({ kind }) => `a release is staged in the kind ${kind}, which gives it no version`,
    help: () => "Put a group (?<version>…) into its tag expression, or name a variable: version: { variable: 'VERSION' }.",
  },
  'routes/twice': {
    sentence: ({ kind }) => `two routes are for the kind ${kind}`,
    help: () => 'A kind takes a release one way: merge the two.',
  },
  'routes/foreign': {
    sentence: ({ kind, name }) => `a route of the kind ${kind} refers to ${name}, which belongs to another app`,
    help: () => 'Kinds and repositories of a route are made in the same app.',
  },
  'routes/destination-twice': {
    sentence: ({ kind, repository, distribution }) => `in the kind ${kind} it is published to ${repository} twice, for ${distribution}`,
    help: () => 'Name each repository once, and leave the target’s own distribution out of also.',
  },
  'routes/repository-name': {
    sentence: ({ repository }) => `${repository} cannot be the name of a repository`,
    help: () => 'It becomes part of an environment’s name: use letters, digits, spaces and - _ / . without / at either end.',
  },
  'routes/public-without-staging': {
    sentence: ({ kind }) => `the route of ${kind} publishes without staging`,
    help: () => 'What is published has been staged: add staging to the route.',
  },
  'routes/empty': {
    sentence: ({ release }) => `the release ${release} has no target`,
    help: () => 'Add a PackageTarget, or leave the release out.',
  },
  'routes/format': {
    sentence: ({ target, repository, format }) => `${target} has packages of the format ${format}, which ${repository} does not take`,
    help: () => 'Route it to a repository for this format.',
  },
  'target/distribution': {
    sentence: ({ target, distribution }) => `the target ${target} has the distribution ${distribution}`,
    help: () => 'A distribution is written as ubuntu/jammy or el/9: make it the id, or give distribution.',
  },
  'target/architecture': {
    sentence: ({ target, architecture }) => `the target ${target} has the architecture ${architecture}`,
    help: () => 'An architecture is written as amd64, x86_64 or all.',
  },
  'target/image-name': {
    sentence: ({ target, name }) => `${target} has ${JSON.stringify(name)} for its image's name.`,
    help: () => 'Names of images are lower-case letters, digits and . _ - between them, in parts that / separates. Give the target a name.',
  },
  'target/platform': {
    sentence: ({ target, platform }) => `${target} has the platform ${JSON.stringify(platform)}.`,
    help: () => 'Write platforms as linux/amd64 or linux/arm64/v8.',
  },
  'target/tag': {
    sentence: ({ target, tag }) => `${target} has the moving tag ${JSON.stringify(tag)}.`,
    help: () => 'A tag that moves is latest, major, minor, or a word of your own such as rc; versions never move.',
  },
  'target/packages': {
    sentence: ({ target }) => `the target ${target} does not say where its build leaves packages`,
    help: () => 'Give packages a glob, such as dist/*.deb.',
  },
  'gate/same-place': {
    sentence: (facts) =>
      `the staging repository ${facts.staging} and the public repository ${facts.public} are the same place, ${facts.place}`,
    help: () => 'What is staged would be public at once. Stage somewhere private.',
  },
  'secrets/none': {
    sentence: ({ repository }) => `nothing says with which credential ${repository} is written to`,
    help: () => 'Give its address a Secret.',
  },
  'isolation/command-not-pinned': {
    severity: 'warning',
    sentence: ({ because }) =>
      because === 'off'
        ? 'jobs run the command without checking its sha256'
        : 'the sha256 of the command is not known, so jobs cannot check it',
    help: () =>
      "Import App from stagegate, which knows its command; or accept this with a reason: app.accept('isolation/command-not-pinned', …).",
  },
  'isolation/image-not-pinned': {
    severity: 'warning',
    sentence: ({ image }) => `jobs with credentials run in ${image}, a name that can come to mean another image`,
    help: () => "Pin it by digest: new App({ cli: { image: '…@sha256:…' } }); or accept this with a reason.",
  },
  'gate/open': {
    sentence: ({ kind, through, sources, because }) =>
      `${where(kind)} ${placed(through.slice(0, 1), sources)} can start before its gate: ${reasonSentence(because)}${through.length > 1 ? `; ${placed(through, sources)}` : ''}`,
    help: ({ because }) => reasonHelp(because),
  },
  'secrets/reachable': {
    sentence: ({ job, kind, reach }) =>
      `${where(kind)} the job ${job} can get at the credential of a public repository: ${reachSentence(reach)}`,
    help: ({ reach }) => reachHelp(reach),
  },
  'secrets/everywhere': {
    sentence: ({ repository, variable }) =>
      `${repository} is written to with ${variable}, which GitLab gives to every job: any of them can publish`,
    help: () => 'Give the public repository a credential of its own; that of every job is for staging.',
  },
  'secrets/renamed': {
    sentence: ({ variable, where }) =>
      `the pipeline’s ${where === 'workflow' ? 'workflow rules' : where} hand ${variable} on to the jobs that take them`,
    help: () => 'Take it out: the publish jobs have it, and nobody else needs it.',
  },
  'secrets/environment': {
    severity: 'warning',
    sentence: ({ job, environment }) =>
      `the environment of the job ${job} is ${environment}, which can come to be that of a public repository, with its credential`,
    help: () => 'Begin its name with a word of its own, such as review/; or accept this with a reason.',
  },
  'secrets/shared': {
    sentence: ({ job, variable, owner }) => `the job ${job} can get at ${variable}, with which ${owner} deploys`,
    help: () => 'Leave it to the deployments of that project, or give this job a token of its own.',
  },
  'secrets/defined': {
    sentence: ({ variable, where }) =>
      where === 'variables' || where === 'workflow'
        ? `${variable} is a secret, and the pipeline’s ${where === 'variables' ? 'variables' : 'workflow rules'} give it a value`
        : `${variable} is a secret, and the variables of the job ${where} give it a value`,
    help: () => 'Secrets are variables of the project or group, masked and protected; take it out of the YAML.',
  },
  'secrets/command-line': {
    severity: 'warning',
    sentence: ({ job, variable, line }) => `the job ${job} gives ${variable} to a command as an argument: ${line.trim().slice(0, 80)}`,
    help: () => 'Other processes can read arguments. Let the command read the variable, a file or its input; or accept this with a reason.',
  },
  'isolation/installs': {
    sentence: ({ job, line }) => `the job ${job} has a credential, and installs packages: ${line.trim().slice(0, 80)}`,
    help: () => 'Install in a job without credentials, and hand on what is needed as an artifact; or take an image that has it.',
  },
  'isolation/inherits': {
    sentence: ({ job, what }) => `the job ${job} has a credential, and inherits ${what === 'default' ? 'defaults' : 'variables'}`,
    help: ({ what }) => `Give it inherit: { ${what}: false }.`,
  },
  'isolation/keyword': {
    sentence: ({ job, keyword }) => `the job ${job} has a credential, and ${keyword}`,
    help: ({ keyword }) => `Take ${keyword} off it: a job with a credential runs its own script, once.`,
  },
  'isolation/checkout': {
    sentence: ({ job, strategy }) =>
      `the job ${job} has a credential, and runs in a folder with ${strategy === undefined ? 'a checkout' : `GIT_STRATEGY: ${strategy}`}`,
    help: () => 'Give it the variable GIT_STRATEGY: empty.',
  },
  'isolation/retry': {
    sentence: ({ job, on }) =>
      on === 'deployment'
        ? `the job ${job} is retried, and would deploy twice`
        : `the job ${job} is retried for more than its own exit code 4`,
    help: ({ on }) =>
      on === 'deployment'
        ? 'Take retry off it; a person can run it again.'
        : 'Give it retry: { max: 2, when: [runner_system_failure], exit_codes: [4] }, or none.',
  },
  'isolation/artifacts': {
    sentence: ({ job, from, made }) => `the job ${job} has a credential, and takes artifacts from ${from}${placeOf(made)}`,
    help: () =>
      'Give the need artifacts: false: a job that publishes takes nothing but the command, the sealed list and the approval from others.',
  },
  'isolation/overlap': {
    sentence: ({ job, glob }) => `the artifacts of the job ${job} have ${glob}, and can replace what lies in .stagegate/`,
    help: () => 'Leave .stagegate/ to the jobs of the release: put it elsewhere, or name it more exactly.',
  },
  'isolation/cancelled': {
    sentence: ({ of, keyword }) =>
      keyword === 'interruptible' ? `a newer pipeline can cancel the job ${of}` : `${where(of)} ${keyword} can cancel jobs half-way`,
    help: ({ keyword }) =>
      keyword === 'interruptible'
        ? 'Give it interruptible: false.'
        : 'Give the workflow, or its rule for these pipelines, auto_cancel: {on_new_commit: none, on_job_failure: none}.',
  },
  'hold/expires': {
    sentence: ({ job, found }) =>
      found === undefined
        ? `nothing says how long the artifacts of the job ${job} are kept`
        : `the artifacts of the job ${job} are kept for ${found}, and the release can still need them then`,
    help: ({ needed }) =>
      `Keep them for ${Duration.days(Math.ceil(needed / 86_400))} or longer: the hold, and a margin for the time before it.`,
  },
  'hold/not-kept': {
    sentence: ({ job }) => `the job ${job} leaves no artifacts, and the release needs them`,
    help: () => 'Give it back its artifacts.',
  },
  'hold/left-out': {
    sentence: ({ kind, stage, seal }) => `${where(kind)} ${seal} does not wait for ${stage} to succeed, so that its record can be missing`,
    help: ({ stage, seal }) => `Let ${seal} need ${stage}, not optionally, and ${stage} not be allowed to fail.`,
  },
  'manual/two-clicks': {
    severity: 'warning',
    sentence: ({ kind, job, needs }) => `${where(kind)} the manual job ${job} waits for the manual job ${needs}: two clicks`,
    help: () => 'Let one of them start by itself; or accept this with a reason.',
  },
  'manual/optional-need': {
    sentence: ({ kind, job, needs }) =>
      `${where(kind)} the job ${job} needs ${needs} among others, and is skipped until somebody starts that`,
    help: ({ needs }) => `Let ${needs} block (allow_failure: false), or do not need it.`,
  },
  'manual/unsaid': {
    severity: 'warning',
    sentence: (facts) =>
      `the job ${facts.job} is manual and does not say allow_failure, so GitLab lets the pipeline ${facts.default ? 'pass without it' : 'wait for it'}`,
    help: () => 'Say allow_failure beside when: manual: false blocks, true does not.',
  },
  'manual/trigger': {
    sentence: ({ job }) => `the job ${job} triggers a pipeline and is manual, and GitLab’s API cannot start such a job`,
    help: () => 'Put a manual script job before it, which it needs.',
  },
  'kinds/hidden': {
    sentence: ({ kind }) => `no pipeline is of the kind ${kind}: kinds before it take them all`,
    help: () => 'Kinds are tried in their order: move the narrower one up, or make the ones before it narrower.',
  },
  'structure/resource-group': {
    sentence: ({ job, group }) => `the job ${job} has the resource group ${JSON.stringify(group)}, which locks nothing`,
    help: () => 'GitLab drops other names in silence: use letters, digits, spaces and - _ / . $ { }, without / at either end.',
  },
  'structure/deployment-tier': {
    sentence: ({ job, tier }) => `the environment of the job ${job} has the tier ${tier}, which fails when it runs`,
    help: ({ tiers }) => `A tier is one of ${tiers.join(', ')}.`,
  },
  'accept/unused': {
    severity: 'warning',
    sentence: ({ accepted }) => `${accepted} is accepted, and does not occur`,
    help: () => 'Take the app.accept(…) out.',
  },
}

/** What a pipeline is of whose workflow has no rules, or one without a condition. */
export const anyKind = 'any'

/** Which pipelines: those of an author's kind; in a file of others' those of a rule of its workflow, or all. */
export function where(kind: string): string {
  if (kind === anyKind) return 'in any pipeline'
  return kind.includes('$') ? `in pipelines with ${kind}` : `in the kind ${kind}`
}

/** Jobs in the order in which they wait for one another, with the lines that made them. */
function placed(names: readonly string[], sources: readonly (SourceLocation | undefined)[]): string {
  return names.map((name, index) => `${name}${placeOf(sources[index])}`).join(' → ')
}

function placeOf(source: SourceLocation | undefined): string {
  return source === undefined ? '' : ` (${basename(source.file)}:${source.line})`
}
