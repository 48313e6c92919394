import { type Flavour, flavoured } from './image.js'
import { seconds } from './make-atom.js'

// The agreement between the pipeline that the SDK renders and the command that its jobs run. Neither side repeats these values.

/** The folder, in a job's working directory, of the command and of every document. */
export const jobFolder = '.stagegate'

/** Files that one job hands on to others. */
export const jobFiles = {
  command: `${jobFolder}/stagegate.mjs`,
  plan: `${jobFolder}/release-plan.json`,
  manifest: `${jobFolder}/release-manifest.json`,
  manifestDigest: `${jobFolder}/release-manifest.sha256`,
  /** Read by GitLab as a dotenv report: the version and the digest, as variables of later jobs. */
  variables: `${jobFolder}/release.env`,
  approval: `${jobFolder}/approval.json`,
} as const

/** Folders with one document for each target or deployment. `seals` is where a rehearsal keeps what GitLab would. */
export const jobFolders = {
  records: `${jobFolder}/records`,
  supplements: `${jobFolder}/supplements`,
  receipts: `${jobFolder}/receipts`,
  verifications: `${jobFolder}/verifications`,
  deployments: `${jobFolder}/deployments`,
  seals: `${jobFolder}/seals`,
} as const

/** Types of repositories that the command has in it; another one comes from a module. */
export const repositoryTypes: readonly string[] = [
  'directory',
  'packagecloud',
  'registry',
  'oci-layout',
  'gitlab-packages',
  's3',
  'gcs',
  'apt',
  'yum',
  'files',
  'http-files',
]

/** Where `prepare` puts the module of a repository's type, by its path in the project: beside the command. */
export function modulePath(path: string): string {
  return `${jobFolder}/modules/${path}`
}

/** Where `prepare` puts a file of notes, by its path in the project. */
export function notesPath(path: string): string {
  return `${jobFolder}/notes/${path}`
}

/** The variable that tells a job the kind of its pipeline. Prefixed, since forwarded variables could clash downstream. */
export const kindVariable = 'STAGEGATE_KIND'

/** The strategy of every job that stages, seals, approves, deploys elsewhere, publishes or verifies: it needs artifacts, and nothing else. */
export const gitStrategy = 'empty'

/** Holds, where a project has one, a token with the scope `read_api`, with which publish jobs look at the jobs before them once more. */
export const readTokenVariable = 'STAGEGATE_READ_TOKEN'

/** Variables that a deployment of another project is given. */
export const deploymentVariables = {
  version: 'STAGEGATE_VERSION',
  manifestDigest: 'STAGEGATE_MANIFEST_DIGEST',
  key: 'STAGEGATE_DEPLOYMENT_KEY',
} as const

/** How much longer than the hold, in seconds, records and staged artifacts are kept: their expiry counts from each job's own upload. */
export const holdMargin = seconds(7 * 24 * 60 * 60)

/** How long the script of a job with a credential may run, in seconds. The command ends its run earlier, to write its documents. */
export const credentialScriptTimeout = seconds(110 * 60)

/** The command's exit code for a run that is incomplete and can succeed when the same job runs again. */
export const incompleteExitCode = 4

/** The tag of an image in staging. The pipeline passes GitLab's variables, the command their values. Flavours of one name have their own. */
export function stagingTag(shortCommit: string, pipeline: string | number, flavour: Flavour = {}): string {
  return flavoured(`${shortCommit}-${pipeline}`, flavour)
}

/** The length of `$CI_COMMIT_SHORT_SHA`. @see https://docs.gitlab.com/ci/variables/predefined_variables/ */
export const shortCommitLength = 8
