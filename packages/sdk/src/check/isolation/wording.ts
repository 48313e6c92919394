import type { Wordings } from '../../issue/wording.js'
import { placeOf, where } from '../../issue/words.js'

export const isolationWording: Wordings<`isolation/${string}`> = {
  'isolation/command-not-pinned': {
    meaning: 'Jobs run the command without checking its sha256.',
    severity: 'warning',
    sentence: ({ because }) =>
      because === 'off'
        ? 'jobs run the command without checking its sha256'
        : 'the sha256 of the command is unknown, so jobs cannot check it',
    help: "Import App from stagegate, which knows the sha256 of its command; or accept this with a reason: app.accept('isolation/command-not-pinned', …).",
  },
  'isolation/image-not-pinned': {
    meaning: 'Jobs with credentials run in an image that is not pinned by digest.',
    severity: 'warning',
    sentence: ({ image }) => `jobs with credentials run in ${image}, a name that can point to another image later`,
    help: "Pin it by digest: new App({ cli: { image: '…@sha256:…' } }); or accept this with a reason.",
  },
  'isolation/image': {
    meaning: 'A job with a credential runs in a different image from the one that the app sets.',
    sentence: ({ job, image }) =>
      `the job ${job} runs in ${image === '' ? 'no image' : image}, which is not the image of cli.image and has no digest`,
    help: "Remove the image of the job and set new App({ cli: { image: '…@sha256:…' } }); or pin the job’s image by digest.",
  },
  'isolation/script': {
    meaning: 'A job with a credential, or a job that it relies on, does not run the script that Stagegate generated.',
    sentence: ({ job, line, is }) =>
      `the script of the job ${job} ${is === 'added' ? 'has an extra line' : 'lacks a line'}: ${line.trim().slice(0, 80)}`,
    help: 'Do not change its script. Do the rest in a job of your own, before or after it.',
  },
  'isolation/variable': {
    meaning: 'A job with a credential gets a variable that can be used against it.',
    sentence: ({ job, variable }) => `the job ${job} gets the variable ${variable}, which can be used against its command`,
    help: ({ variable }) => `Remove ${variable} from the job.`,
    action: 'Remove the variable from the job.',
  },
  'isolation/allowed-variable': {
    meaning: 'The setting cli.allow names a variable that a job with a credential never needs.',
    sentence: ({ variable, effect }) => `cli.allow names ${variable}, which ${effect}`,
    help: 'Remove it from cli.allow: only proxies and certificate authorities can be allowed.',
  },
  'isolation/lifecycle-scripts': {
    meaning: 'The job prepare would run the install scripts of all dependencies, and jobs with credentials rely on its result.',
    severity: ({ is }) => (is === 'forced' ? 'error' : 'warning'),
    sentence: ({ line, is }) =>
      `cli.install has ${line.trim().slice(0, 80)}, which ${is === 'usual' ? 'would run the install scripts of all dependencies; prepare turns them off' : 'runs the install scripts of all dependencies'}`,
    help: "Add --ignore-scripts there. If the command cannot be installed without them, accept this with a reason, and they run: app.accept('isolation/lifecycle-scripts', …).",
  },
  'isolation/installs': {
    meaning: 'A job with a credential installs packages.',
    sentence: ({ job, line }) => `the job ${job} has a credential and installs packages: ${line.trim().slice(0, 80)}`,
    help: 'Install in a job without credentials and pass the result on as an artifact, or use an image that has it.',
  },
  'isolation/inherits': {
    meaning: 'A job with a credential inherits defaults or variables.',
    sentence: ({ job, what }) => `the job ${job} has a credential and inherits ${what === 'default' ? 'defaults' : 'variables'}`,
    help: ({ what }) => `Give it inherit: { ${what}: false }.`,
    action: 'Give the job inherit: { default: false, variables: false }.',
  },
  'isolation/keyword': {
    meaning: 'A job with a credential has a keyword that lets other code run in it.',
    sentence: ({ job, keyword }) => `the job ${job} has a credential, and ${keyword}`,
    help: ({ keyword }) => `Remove ${keyword}: a job with a credential runs its own script, once.`,
    action: 'Remove the keyword from the job.',
  },
  'isolation/checkout': {
    meaning: 'A job with a credential runs in a folder that has a checkout.',
    sentence: ({ job, strategy }) =>
      `the job ${job} has a credential and runs in a folder with ${strategy === undefined ? 'a checkout' : `GIT_STRATEGY: ${strategy}`}`,
    help: 'Set the variable GIT_STRATEGY: empty in the job.',
  },
  'isolation/retry': {
    meaning: 'A job is retried where a retry is not safe.',
    sentence: ({ job, on }) =>
      on === 'deployment'
        ? `the job ${job} has retry, so it could deploy twice`
        : `the job ${job} is retried for other reasons than its own exit code 4`,
    help: ({ on }) =>
      on === 'deployment'
        ? 'Remove retry; a person can run the job again.'
        : 'Give it retry: { max: 2, when: [runner_system_failure], exit_codes: [4] }, or none.',
    action: 'Retry only on exit code 4 and runner failures; never retry a deployment.',
  },
  'isolation/artifacts': {
    meaning: 'A job with a credential, or a job that it relies on, takes artifacts from a job that is not part of the release.',
    sentence: ({ job, from, made, what }) =>
      `the job ${job} has a credential and takes ${what === 'files' ? 'artifacts' : 'variables'} from ${from}${placeOf(made)}`,
    help: 'Set artifacts: false in the need, or dependencies: [] if the job has no needs: a job that publishes takes only the command, the release manifest and the approval from other jobs.',
  },
  'isolation/overlap': {
    meaning: "A job's artifacts can replace the release's documents.",
    sentence: ({ job, glob }) => `the artifacts of the job ${job} include ${glob}, which can replace files in .stagegate/`,
    help: 'Only the jobs of the release may write to .stagegate/. Use another folder, or a more exact path.',
  },
  'isolation/cancelled': {
    meaning: 'A newer pipeline or a failed job can cancel a job halfway.',
    sentence: ({ of, keyword }) =>
      keyword === 'interruptible' ? `a newer pipeline can cancel the job ${of}` : `${where(of)} ${keyword} can cancel jobs halfway`,
    help: ({ keyword }) =>
      keyword === 'interruptible'
        ? 'Give it interruptible: false.'
        : 'Give the workflow, or its rule for these pipelines, auto_cancel: {on_new_commit: none, on_job_failure: none}.',
    action: 'Give the job interruptible: false, and the workflow auto_cancel: none.',
  },
}
