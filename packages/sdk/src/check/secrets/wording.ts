import type { Wordings } from '../../issue/wording.js'
import { where } from '../../issue/words.js'
import { reachHelp, reachSentence } from '../gate/sentence.js'

/** How only the publish jobs can write to a registry of GitLab. */
const deployToken = 'with a deploy token of that project, in a protected variable that is scoped to the environments public/*'

/** The same for packages. */
const projectToken = 'with a project access token of that project, in a protected variable that is scoped to the environments public/*'
const ownPlaces = { registry: 'the registry', packages: 'the package registry' }

export const secretsWording: Wordings<`secrets/${string}`> = {
  'secrets/in-child': {
    meaning: "A job of a child pipeline can reach a public repository's credential.",
    sentence: ({ job, name, reach }) =>
      `the job ${name} of the pipeline that ${job} starts can reach the credential of a public repository: ${reachSentence(reach)}`,
    help: ({ reach }) => reachHelp(reach),
    action: 'Let only the jobs behind the gate write to public repositories.',
  },
  'secrets/none': {
    meaning: 'A repository has no credential to write with.',
    sentence: ({ repository }) => `${repository} has no credential to write with`,
    help: 'Give its address a Secret.',
  },
  'secrets/reachable': {
    meaning: "A job outside the gate can reach a public repository's credential.",
    sentence: ({ job, kind, reach }) =>
      `${where(kind)} the job ${job} can reach the credential of a public repository: ${reachSentence(reach)}`,
    help: ({ reach }) => reachHelp(reach),
    action: 'Let only the jobs behind the gate write to public repositories.',
  },
  'secrets/everywhere': {
    meaning: 'The credential of a public repository is a variable that GitLab gives to every job.',
    sentence: ({ repository, variable, own }) =>
      own !== undefined
        ? `${repository} is ${ownPlaces[own]} of this project, so each of its jobs can push to it with ${variable}`
        : `the credential of ${repository} is ${variable}, which GitLab gives to every job, so any job can publish`,
    help: ({ own }) =>
      own !== undefined
        ? `Publish to ${ownPlaces[own]} of another project, ${own === 'registry' ? deployToken : projectToken}. If you trust all jobs of this project not to publish, give the reason: new PublicRepo(…, { at, trustsJobs: 'because …' }).`
        : `Give the public repository a credential of its own; the one that every job has is for staging. For another project on GitLab, use a project access token of it, or a deploy token for its registry, in a protected variable that is scoped to the environments public/*.`,
    action: 'Give the public repository a credential of its own; the one that every job has is for staging.',
  },
  'secrets/not-own': {
    meaning: 'A public repository trusts the jobs of the project, but is not in the project.',
    sentence: ({ repository }) => `${repository} has trustsJobs, but it is not a place in this project that every job can write to`,
    help: 'Remove trustsJobs. If it is in this project, name the project and its GitLab: new App({ project: { url, path } }); name a registry by the value of CI_REGISTRY_IMAGE.',
  },
  'secrets/own-registry': {
    meaning: 'A public repository may be the registry of the project itself, and all jobs of the project can push to that.',
    severity: 'warning',
    sentence: ({ repository, variable }) =>
      `${repository} is a registry of this GitLab; if it is the project’s own, any job can push to it with ${variable}`,
    help: "Name the project: new App({ project: { path: 'group/project' } }), and publish to the registry of another project with a deploy token of that project; or accept this with a reason.",
  },
  'secrets/renamed': {
    meaning: 'The pipeline passes a credential on under another name.',
    sentence: ({ variable, where }) =>
      `the pipeline’s ${where === 'workflow' ? 'workflow rules' : where} pass ${variable} on to the jobs that inherit them`,
    help: 'Remove it: the publish jobs have the credential, and no other job needs it.',
  },
  'secrets/environment': {
    meaning: "A job's environment can become the environment of a public repository.",
    sentence: ({ job, environment }) =>
      `the environment of the job ${job} is ${environment}, which can become a public repository’s environment, with its credential`,
    help: 'Begin the name with a fixed word, such as review/.',
  },
  'secrets/environment-default': {
    meaning: "A job's environment begins with a variable whose value in the YAML can be overridden.",
    severity: 'warning',
    sentence: ({ job, environment }) =>
      `the environment of the job ${job} is ${environment}; a schedule, a trigger or a project variable can make it a public repository’s environment, with its credential`,
    help: 'Begin the name with a fixed word, such as review/; or accept this with a reason.',
  },
  'secrets/shared': {
    meaning: 'A job can reach the token with which another job deploys.',
    sentence: ({ job, variable, owner }) => `the job ${job} can reach ${variable}, the token with which ${owner} deploys`,
    help: 'Use the token only in the deployments to that project, or give this job its own token.',
  },
  'secrets/defined': {
    meaning: 'The YAML sets the value of a secret.',
    sentence: ({ variable, where }) =>
      where === 'variables' || where === 'workflow'
        ? `${variable} is a secret, and the pipeline’s ${where === 'variables' ? 'variables' : 'workflow rules'} give it a value`
        : `${variable} is a secret, and the variables of the job ${where} give it a value`,
    help: 'Remove it from the YAML. Define the secret as a masked and protected variable of the project or group.',
  },
  'secrets/command-line': {
    meaning: 'A job passes a secret to a command as an argument.',
    severity: 'warning',
    sentence: ({ job, variable, line }) => `the job ${job} passes ${variable} to a command as an argument: ${line.trim().slice(0, 80)}`,
    help: 'Other processes can read arguments. Let the command read the variable, its standard input or a file (Secret.file(…) is a variable of the type File); or accept this with a reason.',
  },
}
