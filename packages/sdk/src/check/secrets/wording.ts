import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'
import { reachHelp, reachSentence } from '../gate/sentence.js'

/** The way to write to a registry of GitLab from the publish jobs alone. */
const deployToken = 'with a deploy token of that project, in a protected variable that is scoped to the environments public/*'

/** The same for packages. */
const projectToken = 'with a project access token of that project, in a protected variable that is scoped to the environments public/*'
const ownPlaces = { registry: 'the registry', packages: 'the package registry' }

export const secretsWording: Wordings<`secrets/${string}`> = {
  'secrets/in-child': {
    meaning: "A job of a child pipeline can reach a public repository's credential.",
    sentence: ({ job, name, reach }) =>
      `the job ${name} of the pipeline that ${job} starts can get at the credential of a public repository: ${reachSentence(reach)}`,
    help: ({ reach }) => reachHelp(reach),
    action: 'Leave writing to public repositories to the jobs behind the gate.',
  },
  'secrets/none': {
    meaning: 'Nothing says with which credential a repository is written to.',
    sentence: ({ repository }) => `${repository} has no credential to write with`,
    help: 'Give its address a Secret.',
  },
  'secrets/reachable': {
    meaning: "A job outside the gate can reach a public repository's credential.",
    sentence: ({ job, kind, reach }) =>
      `${where(kind)} the job ${job} can get at the credential of a public repository: ${reachSentence(reach)}`,
    help: ({ reach }) => reachHelp(reach),
    action: 'Leave writing to public repositories to the jobs behind the gate.',
  },
  'secrets/everywhere': {
    meaning: 'A public repository is written to with a variable that GitLab gives to every job.',
    sentence: ({ repository, variable, own }) =>
      own !== undefined
        ? `${repository} is ${ownPlaces[own]} of this project, to which each of its jobs can push with ${variable}`
        : `${repository} is written to with ${variable}, which GitLab gives to every job: any of them can publish`,
    help: ({ own }) =>
      own !== undefined
        ? `Publish to ${ownPlaces[own]} of another project, ${own === 'registry' ? deployToken : projectToken}. If you trust all jobs of this project not to publish, say why: new PublicRepo(…, { at, trustsJobs: 'because …' }).`
        : `Give the public repository a credential of its own; that of every job is for staging. For another project on GitLab that is a project access token or, for its registry, a deploy token of it, in a protected variable that is scoped to the environments public/*.`,
    action: 'Give the public repository a credential of its own; that of every job is for staging.',
  },
  'secrets/not-own': {
    meaning: 'A public repository trusts the jobs of the project, and is not in the project.',
    sentence: ({ repository }) => `${repository} has trustsJobs, and it is no place in this project that each of its jobs can write to`,
    help: 'Remove trustsJobs. If it is in this project, name the project and its GitLab: new App({ project: { url, path } }); a registry is named as CI_REGISTRY_IMAGE has it.',
  },
  'secrets/own-registry': {
    meaning: 'A public repository may be the registry of the project itself, to which all of its jobs can push.',
    severity: 'warning',
    sentence: ({ repository, variable }) =>
      `${repository} is a registry of this GitLab; if it is the project’s own, any job can push to it with ${variable}`,
    help: "Name the project: new App({ project: { path: 'group/project' } }), and publish to the registry of another one with a deploy token of it; or accept this with a reason.",
  },
  'secrets/renamed': {
    meaning: 'The pipeline passes a credential on under another name.',
    sentence: ({ variable, where }) =>
      `the pipeline’s ${where === 'workflow' ? 'workflow rules' : where} pass ${variable} on to the jobs that inherit them`,
    help: 'Remove it: the publish jobs have it, and no other job needs it.',
  },
  'secrets/environment': {
    meaning: "A job's environment can turn into that of a public repository.",
    sentence: ({ job, environment }) =>
      `the environment of the job ${job} is ${environment}, which can turn into a public repository’s environment, with its credential`,
    help: 'Begin its name with a word of its own, such as review/.',
  },
  'secrets/environment-default': {
    meaning: "A job's environment begins with a variable whose value in the YAML other variables outrank.",
    severity: 'warning',
    sentence: ({ job, environment }) =>
      `the environment of the job ${job} is ${environment}; a schedule, a trigger or a project variable can turn it into a public repository’s environment, with its credential`,
    help: 'Begin its name with a word of its own, such as review/; or accept this with a reason.',
  },
  'secrets/shared': {
    meaning: 'A job can reach the token with which another job deploys.',
    sentence: ({ job, variable, owner }) => `the job ${job} can get at ${variable}, with which ${owner} deploys`,
    help: 'Leave it to the deployments of that project, or give this job a token of its own.',
  },
  'secrets/defined': {
    meaning: 'The YAML gives a secret a value.',
    sentence: ({ variable, where }) =>
      where === 'variables' || where === 'workflow'
        ? `${variable} is a secret, and the pipeline’s ${where === 'variables' ? 'variables' : 'workflow rules'} give it a value`
        : `${variable} is a secret, and the variables of the job ${where} give it a value`,
    help: 'Secrets are variables of the project or group, masked and protected; take it out of the YAML.',
  },
  'secrets/command-line': {
    meaning: 'A job gives a secret to a command as an argument.',
    severity: 'warning',
    sentence: ({ job, variable, line }) => `the job ${job} gives ${variable} to a command as an argument: ${line.trim().slice(0, 80)}`,
    help: 'Other processes can read arguments. Let the command read the variable, its input, or a file: a variable of the type File is Secret.file(…). Or accept this with a reason.',
  },
}
