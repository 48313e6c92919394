import * as v from 'valibot'
import { CertificatesPem, dictionary, JsonObject, Label, Seconds, Sha256, VariableName } from './atoms.js'
import { Architecture, Distribution } from './coordinates.js'
import { Flavour, ImageName } from './image.js'
import { PlannedCondition } from './planned-condition.js'

/** How a kind's release gets its version: a tag's expression (RE2, first group), a variable, or it has none. */
const PlannedVersion = v.union([v.strictObject({ tag: v.string() }), v.strictObject({ variable: VariableName }), v.null()])

export const PlannedKind = v.strictObject({
  /** When a pipeline is of this kind; of several that it fits, the first is meant. */
  when: PlannedCondition,
  version: PlannedVersion,
  /** True where something is published: then the ref must be protected. */
  publishes: v.boolean(),
})
export type PlannedKind = v.InferOutput<typeof PlannedKind>

const ModulePath = v.pipe(
  v.string(),
  v.maxLength(255, 'a path of at most 255 characters'),
  v.regex(/^(?:[A-Za-z0-9_@][A-Za-z0-9_@.+-]*\/)*[A-Za-z0-9_@][A-Za-z0-9_@.+-]*\.m?js$/, 'the path of a .mjs file in the project'),
)

export function isModulePath(text: string): boolean {
  return v.is(ModulePath, text)
}

/** A file of JavaScript that brings a repository's type. Jobs load these bytes, and no others. */
const PlannedModule = v.strictObject({
  /** From the project's folder: `release/s3.mjs`. */
  path: ModulePath,
  sha256: Sha256,
})

export const PlannedRepository = v.strictObject({
  role: v.picklist(['staging', 'public']),
  type: Label,
  /** @default none: the command has the type in it */
  module: v.exactOptional(PlannedModule),
  /** Scheme, host and port to which the credentials may go; empty for a directory. */
  origin: v.string(),
  /** The authorities that vouch for the origin, in place of the public ones. @default the public ones */
  ca: v.exactOptional(CertificatesPem),
  settings: JsonObject,
  /** Names of environment variables, never values. */
  credentials: v.strictObject({ read: v.array(VariableName), write: v.array(VariableName) }),
})
export type PlannedRepository = v.InferOutput<typeof PlannedRepository>

export const PlannedDestination = v.strictObject({
  repository: Label,
  /** @default the target's own */
  distribution: v.exactOptional(Distribution),
  /** An image's name there. @default the target's own */
  image: v.exactOptional(ImageName),
  /** An advisory destination's failure does not fail the job. */
  advisory: v.boolean(),
})
export type PlannedDestination = v.InferOutput<typeof PlannedDestination>

export const PlannedRoute = v.strictObject({ staging: v.exactOptional(Label), public: v.array(PlannedDestination) })
export type PlannedRoute = v.InferOutput<typeof PlannedRoute>

const PlannedPackages = v.strictObject({
  type: v.literal('package'),
  /** Globs of the built packages, from the project's root. */
  files: v.array(v.pipe(v.string(), v.minLength(1))),
  distribution: v.exactOptional(Distribution),
  architecture: v.exactOptional(Architecture),
  /** Whether packages of another version than the release's are refused, or taken for granted. @default they are warned of */
  versions: v.exactOptional(v.picklist(['must-match', 'any'])),
})

/** A folder of published files: names that `/` separates, in which `{version}` stands for the release's version. */
const PublishedFolder = v.pipe(
  v.string(),
  v.maxLength(512, 'a folder of at most 512 characters'),
  v.regex(
    /^(?:(?:[A-Za-z0-9_+]|\{version\})(?:[A-Za-z0-9._+~^@=-]|\{version\})*(?:\/(?!$)|$))+$/,
    'a folder such as acme/{version}, of letters, digits and ._+~^@=-',
  ),
)

export function isPublishedFolder(text: string): boolean {
  return v.is(PublishedFolder, text)
}

const PlannedFiles = v.strictObject({
  type: v.literal('file'),
  /** Globs of the built files, from the project's root. */
  files: v.array(v.pipe(v.string(), v.minLength(1))),
  /** The folder below which they are published, each under its own name: `acme/{version}`. */
  path: PublishedFolder,
})
export type PlannedFiles = v.InferOutput<typeof PlannedFiles>

/**
 * A tag of an image and the kinds that set it: `version` never moves; `latest`, `major`, `minor` and others go forward. With a prefix and
 * a suffix it is `alpine-latest` or `16.2-fips`.
 */
export const PlannedTag = v.strictObject({ name: Label, kinds: v.array(Label), ...Flavour.entries })
export type PlannedTag = v.InferOutput<typeof PlannedTag>

const PlannedImage = v.strictObject({
  type: v.literal('image'),
  /** Its name in the registries, below what their addresses say. */
  image: ImageName,
  /** The OCI layout that the build leaves, from the project's root. @default the build pushes the image to staging itself */
  layout: v.exactOptional(v.pipe(v.string(), v.minLength(1))),
  /** Exactly these, as `linux/amd64` or `linux/arm64/v8`. @default any */
  platforms: v.exactOptional(v.array(Label)),
  tags: v.array(PlannedTag),
  /** Flavours of the same name that other targets publish: their versions are not ours. @default none */
  flavours: v.exactOptional(v.array(Flavour)),
})
export type PlannedImage = v.InferOutput<typeof PlannedImage>

export const PlannedTarget = v.strictObject({
  id: Label,
  optional: v.boolean(),
  what: v.variant('type', [PlannedPackages, PlannedFiles, PlannedImage]),
  verify: v.picklist(['http', 'apt', 'dnf', 'oci']),
  jobs: v.strictObject({ build: Label, stage: Label, seal: Label, publish: Label, verify: Label }),
  /** By pipeline kind. */
  routes: dictionary(Label, PlannedRoute),
})
export type PlannedTarget = v.InferOutput<typeof PlannedTarget>

/** A deployment that is a pipeline of another GitLab instance. */
export const PlannedRemote = v.strictObject({
  /** The instance: `https://ops.gitlab.example`. */
  url: Label,
  /** The authorities that vouch for the instance, in place of the public ones. @default the public ones */
  ca: v.exactOptional(CertificatesPem),
  project: Label,
  ref: Label,
  /** Names of variables, never values: one holds the trigger token, the other a token that reads pipelines. */
  trigger: VariableName,
  read: VariableName,
  /**
   * The variables that the pipeline receives. `$STAGEGATE_VERSION`, `$STAGEGATE_MANIFEST_DIGEST` and `$STAGEGATE_DEPLOYMENT_KEY` in the values
   * stand for those of the release.
   */
  variables: dictionary(Label, v.string()),
  inputs: dictionary(Label, v.string()),
  /** How long the job waits for its end. */
  wait: Seconds,
})
export type PlannedRemote = v.InferOutput<typeof PlannedRemote>

export const PlannedDeployment = v.strictObject({
  id: Label,
  job: Label,
  /** The job that checks what the deployment really runs; others wait for it. */
  confirm: v.exactOptional(Label),
  environment: v.exactOptional(Label),
  kinds: v.array(Label),
  gates: v.boolean(),
  remote: v.exactOptional(PlannedRemote),
})
export type PlannedDeployment = v.InferOutput<typeof PlannedDeployment>

export const PlannedRelease = v.strictObject({
  id: Label,
  hold: Seconds,
  approval: v.picklist(['each', 'once']),
  jobs: v.strictObject({ seal: Label, approve: v.exactOptional(Label) }),
  targets: v.array(PlannedTarget),
  deployments: v.array(PlannedDeployment),
})
export type PlannedRelease = v.InferOutput<typeof PlannedRelease>

/** The project whose jobs these are. */
const PlannedProject = v.strictObject({
  /** The GitLab that they ask who they are, and the only one that their token goes to: `https://gitlab.example`. */
  url: v.pipe(
    v.string(),
    v.maxLength(255, 'an address of at most 255 characters'),
    v.regex(/^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/[^\s?#]*)?$/, 'the address of a GitLab'),
  ),
  /** The authorities that vouch for the GitLab, in place of the public ones. @default the public ones */
  ca: v.exactOptional(CertificatesPem),
  /** The project's path there, `acme/acme`: its jobs alone are let through. @default any project's */
  path: v.exactOptional(Label),
})

/** Where `seal` records which manifest a version has: the project's own generic packages, or a directory. */
export const PlannedRecords = v.variant('type', [
  v.strictObject({ type: v.literal('gitlab') }),
  v.strictObject({ type: v.literal('directory'), path: v.pipe(v.string(), v.minLength(1)) }),
])
export type PlannedRecords = v.InferOutput<typeof PlannedRecords>

/** All that the jobs need to know; written by `synth`, committed, read by every command. */
export const ReleasePlan = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('ReleasePlan'),
  /** The program that wrote it: `@stagegate/sdk 1.2.3`. */
  generator: Label,
  project: PlannedProject,
  records: PlannedRecords,
  /** Variables such as HTTPS_PROXY that a credential job may find set. */
  allowedVariables: v.array(VariableName),
  kinds: dictionary(Label, PlannedKind),
  repositories: dictionary(Label, PlannedRepository),
  releases: v.array(PlannedRelease),
})
export type ReleasePlan = v.InferOutput<typeof ReleasePlan>
