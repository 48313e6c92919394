import type { Construct } from './construct.js'
import type { PipelineDocument } from './gitlab/document.js'
import type { PipelineKeywords } from './keyword/pipeline-keywords.js'
import type { ReadLocal } from './lint/index.js'
import type { RepositoryAddress } from './repository/index.js'
import type { SourceLocation } from './source-location.js'

export interface AppProps extends PipelineKeywords {
  readonly cli?: CliProps | undefined
  /** The oldest GitLab to support; it decides which keywords may be rendered. @default >=17.5 */
  readonly gitlab?: string | undefined
  /** For all generated jobs. */
  readonly defaults?: { readonly tags?: readonly string[] | undefined } | undefined
  /** Stages in their order. Those of a release must be among them. @default prepare, build, stage, seal, deploy, approve, publish, verify */
  readonly stages?: readonly string[] | undefined
  /** The project's folder, from that of the author's file: `..` for `release/pipeline.ts`. Files are written and read there. @default . */
  readonly root?: string | undefined
  /** Where the pipeline is written; the plan and RELEASING.md go beside it. @default .gitlab-ci.yml */
  readonly output?: string | undefined
  /** Whether the jobs of a large group extend hidden jobs that hold what they share; `false` for a tool that knows no `extends`. @default true */
  readonly sharedParts?: boolean | undefined
  /**
   * The job of the project's own `.gitlab-ci.yml` that starts this pipeline as its child: `{ job: 'release' }`. A target's `build: { job }` is
   * then a job of that pipeline. @default none: GitLab reads the output itself, or a file that includes it
   */
  readonly startedBy?: { readonly job: string } | undefined
  /** Where seals are recorded: a directory, or `gitlab`, the project's own generic packages. @default gitlab */
  readonly records?: RepositoryAddress | 'gitlab' | undefined
  readonly project?: ProjectProps | undefined
}

/** The project that runs these jobs. They ask only its GitLab which job they are. */
export interface ProjectProps {
  /** The instance: `https://gitlab.example`. @default https://gitlab.com */
  readonly url?: string | undefined
  /** PEM text of the certificate authorities that vouch for it, in place of the public ones. @default the public authorities */
  readonly ca?: string | undefined
  /** The project's path, `acme/acme`: jobs of a fork or a copy are then refused. @default any project's */
  readonly path?: string | undefined
}

/** How the generated jobs get their command. */
export interface CliProps {
  /** The image that generated jobs run in; best pinned by digest. @default node:24-slim */
  readonly image?: string | undefined
  /** The script of `prepare`. @default npm ci --ignore-scripts */
  readonly install?: readonly string[] | undefined
  /** Whether every job checks the command's sha256. @default true */
  readonly pin?: boolean | undefined
  /** The command's sha256. @default what the package `stagegate` says of its own */
  readonly sha256?: string | undefined
  /** Variables such as HTTPS_PROXY that jobs with credentials may find set. */
  readonly allow?: readonly string[] | undefined
}

export interface SynthOptions {
  /**
   * Reads a file that the pipeline includes with `local`: returns its text, or `undefined` if there is none. The command reads
   * the project's files; without a reader, nothing is proved about included files, which is a warning if something is published.
   */
  readonly readLocal?: ReadLocal | undefined
}

/** A change to the document, and its reason. */
export interface Patch {
  readonly because: string
  readonly change: (document: PipelineDocument) => void
  readonly source: SourceLocation
}

/** A warning that the author accepts. */
export interface Acceptance {
  readonly code: string
  readonly because: string
  /** The file or job that it is accepted for. @default all */
  readonly of: string | undefined
}

/** The part of an app that synthesis reads. */
export interface Program extends Construct {
  readonly props: AppProps
  readonly patches: readonly Patch[]
  readonly accepted: readonly Acceptance[]
  /** The project's folder, relative to the author's file. */
  readonly root: string
  /** Where the pipeline is written. */
  readonly output: string
}
