import * as v from 'valibot'
import type { JsonObject, Seconds, Sha256 } from './atoms.js'
import type { Document } from './document.js'
import type { Flavour } from './image.js'
import type { PlannedCondition } from './planned-condition.js'
import * as plan from './validator/release-plan.js'

/** A kind of pipeline: `release`, `nightly`. */
export interface PlannedKind {
  /** When a pipeline is of this kind; of several that it fits, the first is meant. */
  readonly when: PlannedCondition
  /** How the release gets its version: a tag's expression (RE2, first group), a variable, or it has none. */
  readonly version: { readonly tag: string } | { readonly variable: string } | null
  /** True where something is published: then the ref must be protected. */
  readonly publishes: boolean
}

/** A file of JavaScript that brings a repository's type. Jobs load these bytes, and no others. */
export interface PlannedModule {
  /** From the project's folder: `release/s3.mjs`. */
  readonly path: string
  /** The digest of the file: other bytes are not loaded. */
  readonly sha256: Sha256
}

/** A repository, and the names of what opens it. */
export interface PlannedRepository {
  /** Whether artifacts wait there, or are public there. */
  readonly role: 'staging' | 'public'
  /** One of the built-in types (`directory`, `packagecloud`, `registry`, `oci-layout`, `gitlab-packages`, `s3`, `gcs`), or the module's. */
  readonly type: string
  /** @default none: the command has the type in it */
  readonly module?: PlannedModule
  /** Scheme, host and port to which the credentials may go; empty for a directory. */
  readonly origin: string
  /** The authorities that vouch for the origin, as PEM, in place of the public ones. @default the public ones */
  readonly ca?: string
  /** The type's own. */
  readonly settings: JsonObject
  /** Names of environment variables, never values. */
  readonly credentials: { readonly read: readonly string[]; readonly write: readonly string[] }
}

/** A public repository that gets a target's artifacts. */
export interface PlannedDestination {
  /** Its name in the plan. */
  readonly repository: string
  /** @default the target's own */
  readonly distribution?: string
  /** An image's name there. @default the target's own */
  readonly image?: string
  /** An advisory destination's failure does not fail the job. */
  readonly advisory: boolean
}

/** The way of a target in one kind of pipeline. */
export interface PlannedRoute {
  /** The name of the repository where it is staged. @default none: it is not staged in this kind */
  readonly staging?: string
  /** Where it is published; empty where it only is staged. */
  readonly public: readonly PlannedDestination[]
}

/** A target of Linux packages. */
export interface PlannedPackages {
  readonly type: 'package'
  /** Globs of the built packages, from the project's root. */
  readonly files: readonly string[]
  /** `ubuntu/jammy`. @default each destination's own */
  readonly distribution?: string
  /** All packages must be of it. @default any */
  readonly architecture?: string
  /** Whether packages of another version than the release's are refused, or taken for granted. @default they are warned of */
  readonly versions?: 'must-match' | 'any'
}

/** A target of plain files. */
export interface PlannedFiles {
  readonly type: 'file'
  /** Globs of the built files, from the project's root. */
  readonly files: readonly string[]
  /** The folder below which they are published, each under its own name: `acme/{version}`. */
  readonly path: string
}

/**
 * A tag of an image and the kinds that set it: `version` never moves; `latest`, `major`, `minor` and others go forward. With a prefix and
 * a suffix it is `alpine-latest` or `16.2-fips`.
 */
export interface PlannedTag extends Flavour {
  /** `version`, `major`, `minor`, or the tag itself. */
  readonly name: string
  /** Names of pipeline kinds. */
  readonly kinds: readonly string[]
}

/** A target that is a container image. */
export interface PlannedImage {
  readonly type: 'image'
  /** Its name in the registries, below what their addresses say. */
  readonly image: string
  /** The OCI layout that the build leaves, from the project's root. @default the build pushes the image to staging itself */
  readonly layout?: string
  /** Exactly these, as `linux/amd64` or `linux/arm64/v8`. @default any */
  readonly platforms?: readonly string[]
  /** All of its tags, in all kinds of pipelines. */
  readonly tags: readonly PlannedTag[]
  /** Flavours of the same name that other targets publish: their versions are not ours. @default none */
  readonly flavours?: readonly Flavour[]
}

/** Something that a release consists of. */
export interface PlannedTarget {
  /** Its name, unique in the release. */
  readonly id: string
  /** Whether the release may go without it. */
  readonly optional: boolean
  /** Packages, plain files or an image. */
  readonly what: PlannedPackages | PlannedFiles | PlannedImage
  /** How the public repository is read back: by plain downloads, as apt or dnf do, or as a registry's clients do. */
  readonly verify: 'http' | 'apt' | 'dnf' | 'oci'
  /** The names of its jobs. */
  readonly jobs: {
    readonly build: string
    readonly stage: string
    readonly seal: string
    readonly publish: string
    readonly verify: string
  }
  /** By pipeline kind. */
  readonly routes: Readonly<Record<string, PlannedRoute>>
}

/** A deployment that is a pipeline of another GitLab instance. */
export interface PlannedRemote {
  /** The instance: `https://ops.gitlab.example`. */
  readonly url: string
  /** The authorities that vouch for the instance, as PEM, in place of the public ones. @default the public ones */
  readonly ca?: string
  /** The project's path or number there. */
  readonly project: string
  /** The branch or tag that the pipeline runs for. */
  readonly ref: string
  /** The name of the variable that holds the trigger token. */
  readonly trigger: string
  /** The name of the variable that holds a token that reads pipelines. */
  readonly read: string
  /**
   * The variables that the pipeline receives. `$STAGEGATE_VERSION`, `$STAGEGATE_MANIFEST_DIGEST` and `$STAGEGATE_DEPLOYMENT_KEY` in the values
   * stand for those of the release.
   */
  readonly variables: Readonly<Record<string, string>>
  /** The pipeline's inputs; the same texts stand for the same values. */
  readonly inputs: Readonly<Record<string, string>>
  /** How long the job waits for its end. */
  readonly wait: Seconds
}

/** A deployment of a release. */
export interface PlannedDeployment {
  /** Its name, unique in the release. */
  readonly id: string
  /** The name of its job. */
  readonly job: string
  /** The job that checks what the deployment really runs; others wait for it. */
  readonly confirm?: string
  /** The name of GitLab's environment. @default none */
  readonly environment?: string
  /** The pipeline kinds that have it. */
  readonly kinds: readonly string[]
  /** Whether nothing is published before it has succeeded. */
  readonly gates: boolean
  /** Where it is a pipeline of another instance. @default it is a job of this pipeline */
  readonly remote?: PlannedRemote
}

/** A page of releases in GitLab that gets an entry when all that a release requires is public. */
export interface PlannedPage {
  /** The public repository, in the page's project, with the files that the entry leads to. */
  readonly repository: string
  /** The name of the job that makes the entry. */
  readonly job: string
  /** The jobs that add what an optional target published later, by the targets' names. */
  readonly late: Readonly<Record<string, string>>
  /** The file that the notes are taken from, by its path in the project. @default the tag's message */
  readonly notes?: string
  /** In another project: the branch on whose newest commit the tag is made where it is not there. @default the tag is there */
  readonly ref?: string
}

/** A product that is released as a whole. */
export interface PlannedRelease {
  /** Its name. */
  readonly id: string
  /** How long after the seal it may be published. */
  readonly hold: Seconds
  /** Whether each publish job is started by hand, or one approval stands for all. */
  readonly approval: 'each' | 'once'
  /** The names of its jobs; `approve` where one approval stands for all. */
  readonly jobs: { readonly seal: string; readonly approve?: string }
  /** The parts of the release. */
  readonly targets: readonly PlannedTarget[]
  /** Where it is deployed, in the order of the plan. */
  readonly deployments: readonly PlannedDeployment[]
  /** The pages of releases that announce it. @default none */
  readonly pages?: readonly PlannedPage[]
}

/** The project whose jobs these are. */
export interface PlannedProject {
  /** The GitLab that they ask who they are, and the only one that their token goes to: `https://gitlab.example`. */
  readonly url: string
  /** The authorities that vouch for the GitLab, as PEM, in place of the public ones. @default the public ones */
  readonly ca?: string
  /** The project's path there, `acme/acme`: its jobs alone are let through. @default any project's */
  readonly path?: string
}

/** Where `seal` records which manifest a version has: the project's own generic packages, or a directory. */
export type PlannedRecords = { readonly type: 'gitlab' } | { readonly type: 'directory'; readonly path: string }

/** All that the jobs need to know; written by `synth`, committed, read by every command. */
export interface ReleasePlan extends Document<'ReleasePlan'> {
  /** The program that wrote it: `@stagegate/sdk 1.2.3`. */
  readonly generator: string
  /** The project whose jobs these are, and its GitLab. */
  readonly project: PlannedProject
  /** Where seals are recorded. */
  readonly records: PlannedRecords
  /** Variables such as HTTPS_PROXY that a credential job may find set. */
  readonly allowedVariables: readonly string[]
  /** Kinds of pipelines by their names, in the order in which they are tried. */
  readonly kinds: Readonly<Record<string, PlannedKind>>
  /** Repositories by their names. */
  readonly repositories: Readonly<Record<string, PlannedRepository>>
  /** The products, each with its targets. */
  readonly releases: readonly PlannedRelease[]
}

/** Whether a text is the path of a `.js` or `.mjs` file in the project, such as `release/s3.mjs`. */
export function isModulePath(text: string): boolean {
  return v.is(plan.ModulePath, text)
}

/** Whether a text is the path of a file of notes in the project, such as `CHANGELOG.md`. */
export function isNotesPath(text: string): boolean {
  return v.is(plan.NotesPath, text)
}

/** Whether a text is a folder of published files, in which `{version}` stands for the release's version. */
export function isPublishedFolder(text: string): boolean {
  return v.is(plan.PublishedFolder, text)
}
