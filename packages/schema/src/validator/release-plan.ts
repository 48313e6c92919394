import * as v from 'valibot'
import { CertificatesPem, dictionary, JsonObject, Label, Seconds, Sha256, VariableName } from './atoms.js'
import { Architecture, Distribution } from './coordinates.js'
import { Flavour, ImageName } from './image.js'
import { PlannedCondition } from './planned-condition.js'

const PlannedVersion = v.union([v.strictObject({ tag: v.string() }), v.strictObject({ variable: VariableName }), v.null()])

export const PlannedKind = v.strictObject({
  when: PlannedCondition,
  version: PlannedVersion,
  publishes: v.boolean(),
})

export const ModulePath = v.pipe(
  v.string(),
  v.maxLength(255, 'a path of at most 255 characters'),
  v.regex(/^(?:[A-Za-z0-9_@][A-Za-z0-9_@.+-]*\/)*[A-Za-z0-9_@][A-Za-z0-9_@.+-]*\.m?js$/, 'the path of a .mjs file in the project'),
)

export const NotesPath = v.pipe(
  v.string(),
  v.maxLength(255, 'a path of at most 255 characters'),
  v.regex(/^(?:[A-Za-z0-9_@][A-Za-z0-9_@.+-]*\/)*[A-Za-z0-9_@][A-Za-z0-9_@.+-]*$/, 'the path of a file in the project'),
)

export const PlannedModule = v.strictObject({
  path: ModulePath,
  sha256: Sha256,
})

export const PlannedRepository = v.strictObject({
  role: v.picklist(['staging', 'public']),
  type: Label,
  module: v.exactOptional(PlannedModule),
  origin: v.string(),
  ca: v.exactOptional(CertificatesPem),
  settings: JsonObject,
  credentials: v.strictObject({ read: v.array(VariableName), write: v.array(VariableName) }),
})

export const PlannedDestination = v.strictObject({
  repository: Label,
  distribution: v.exactOptional(Distribution),
  image: v.exactOptional(ImageName),
  advisory: v.boolean(),
})

export const PlannedRoute = v.strictObject({ staging: v.exactOptional(Label), public: v.array(PlannedDestination) })

export const PlannedPackages = v.strictObject({
  type: v.literal('package'),
  files: v.array(v.pipe(v.string(), v.minLength(1))),
  distribution: v.exactOptional(Distribution),
  architecture: v.exactOptional(Architecture),
  versions: v.exactOptional(v.picklist(['must-match', 'any'])),
})

export const PublishedFolder = v.pipe(
  v.string(),
  v.maxLength(512, 'a folder of at most 512 characters'),
  v.regex(
    /^(?:(?:[A-Za-z0-9_+]|\{version\})(?:[A-Za-z0-9._+~^@=-]|\{version\})*(?:\/(?!$)|$))+$/,
    'a folder such as acme/{version}, of letters, digits and ._+~^@=-',
  ),
)

export const PlannedFiles = v.strictObject({
  type: v.literal('file'),
  files: v.array(v.pipe(v.string(), v.minLength(1))),
  path: PublishedFolder,
})

export const PlannedTag = v.strictObject({ name: Label, kinds: v.array(Label), ...Flavour.entries })

export const PlannedImage = v.strictObject({
  type: v.literal('image'),
  image: ImageName,
  layout: v.exactOptional(v.pipe(v.string(), v.minLength(1))),
  platforms: v.exactOptional(v.array(Label)),
  tags: v.array(PlannedTag),
  flavours: v.exactOptional(v.array(Flavour)),
})

export const PlannedTarget = v.strictObject({
  id: Label,
  optional: v.boolean(),
  what: v.variant('type', [PlannedPackages, PlannedFiles, PlannedImage]),
  verify: v.picklist(['http', 'apt', 'dnf', 'oci']),
  jobs: v.strictObject({ build: Label, stage: Label, seal: Label, publish: Label, verify: Label }),
  routes: dictionary(Label, PlannedRoute),
})

export const PlannedRemote = v.strictObject({
  url: Label,
  ca: v.exactOptional(CertificatesPem),
  project: Label,
  ref: Label,
  trigger: VariableName,
  read: VariableName,
  variables: dictionary(Label, v.string()),
  inputs: dictionary(Label, v.string()),
  wait: Seconds,
})

export const PlannedDeployment = v.strictObject({
  id: Label,
  job: Label,
  confirm: v.exactOptional(Label),
  environment: v.exactOptional(Label),
  kinds: v.array(Label),
  gates: v.boolean(),
  remote: v.exactOptional(PlannedRemote),
})

export const PlannedPage = v.strictObject({
  repository: Label,
  job: Label,
  late: dictionary(Label, Label),
  notes: v.exactOptional(NotesPath),
  ref: v.exactOptional(Label),
})

export const PlannedRelease = v.strictObject({
  id: Label,
  hold: Seconds,
  approval: v.picklist(['each', 'once']),
  jobs: v.strictObject({ seal: Label, approve: v.exactOptional(Label) }),
  targets: v.array(PlannedTarget),
  deployments: v.array(PlannedDeployment),
  pages: v.exactOptional(v.array(PlannedPage)),
})

export const PlannedProject = v.strictObject({
  url: v.pipe(
    v.string(),
    v.maxLength(255, 'an address of at most 255 characters'),
    v.regex(/^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/[^\s?#]*)?$/, 'the address of a GitLab'),
  ),
  ca: v.exactOptional(CertificatesPem),
  path: v.exactOptional(Label),
})

export const PlannedRecords = v.variant('type', [
  v.strictObject({ type: v.literal('gitlab') }),
  v.strictObject({ type: v.literal('directory'), path: v.pipe(v.string(), v.minLength(1)) }),
])

export const ReleasePlan = v.strictObject({
  apiVersion: v.literal('stagegate/v1'),
  kind: v.literal('ReleasePlan'),
  generator: Label,
  project: PlannedProject,
  records: PlannedRecords,
  allowedVariables: v.array(VariableName),
  kinds: dictionary(Label, PlannedKind),
  repositories: dictionary(Label, PlannedRepository),
  releases: v.array(PlannedRelease),
})
