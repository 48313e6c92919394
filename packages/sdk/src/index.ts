export { App, appBrand } from './app.js'
export type { AppProps, CliProps, ProjectProps, SynthOptions } from './app-props.js'
export { type AuditResult, audit } from './audit/audit.js'
export type { AuditFinding } from './audit/audit-findings.js'
export type { AuditOptions } from './audit/audit-options.js'
export { type Cause, causesOf } from './audit/cause.js'
export { type Comparison, comparePipelines, type Incomparable, type KeywordChange, type PipelineChange } from './audit/compare.js'
export type { GuessedGate, GuessedPublisher } from './audit/guess/guess.js'
export type { PipelineVersion } from './audit/version.js'
export { childFilesIn, includesIn } from './audit/written-files.js'
export { Condition, type PipelineEvent, type VariableCondition } from './condition/index.js'
export { Construct } from './construct.js'
export { Duration } from './duration.js'
export type { JobDocument, PipelineDocument } from './gitlab/document.js'
export type { JobExplanation } from './graph/explain.js'
export type { AbsentJob, JobFacts, Pipeline, PlannedJob } from './graph/pipeline.js'
export { kindOf } from './graph/visible.js'
export type { Held } from './job/held.js'
export { type Exemption, Job, type JobProps } from './job/job.js'
export type { ArtifactsProps, ReportKind, ReportsProps } from './keyword/artifacts.js'
export type { CacheKeyProps, CacheProps } from './keyword/cache.js'
export type { RuleCondition } from './keyword/condition-text.js'
export type { DefaultProps, HooksProps } from './keyword/default.js'
export type { EnvironmentKubernetesProps, EnvironmentProps } from './keyword/environment.js'
export type { ChangesProps, ExistsProps } from './keyword/files-matching.js'
export type { ImageProps, PullPolicy, ServiceProps } from './keyword/image.js'
export type { IncludeProps, IncludeRule } from './keyword/include.js'
export type { InheritProps } from './keyword/inherit.js'
export type { InputValues } from './keyword/input-values.js'
export type { InputProps, InputRuleProps, JobInputProps } from './keyword/inputs.js'
export type { JobKeywords } from './keyword/job-keywords.js'
export type { IncludedJob, JobReference, NamedJob } from './keyword/named-job.js'
export type { Need, NeedProps, OtherPipelineNeed, OtherProjectNeed, RuleNeed } from './keyword/needs.js'
export type { PagesProps } from './keyword/pages.js'
export type { MatrixProps, MatrixRow } from './keyword/parallel.js'
export type { PipelineKeywords } from './keyword/pipeline-keywords.js'
export type { ReleaseEntryProps, ReleaseLink } from './keyword/release.js'
export type { RetryProps, RetryReason } from './keyword/retry.js'
export type { RuleProps } from './keyword/rules.js'
export type { AwsSecret, ExternalSecret, ExternalSecrets, IdTokens, VaultSecret } from './keyword/secrets.js'
export type { StartProps } from './keyword/start.js'
export type { StepProps, StepSource } from './keyword/steps.js'
export type { ForwardProps, TriggerInclude, TriggerProps } from './keyword/trigger.js'
export type { JobVariable, JobVariables, PipelineVariable, PipelineVariables } from './keyword/variables.js'
export type { AutoCancelProps, WorkflowProps, WorkflowRule } from './keyword/workflow.js'
export { type OneOrMany, PipelineKind, type PipelineKindProps } from './kind.js'
export type { ReadLocal } from './lint/index.js'
export { lintText } from './lint/index.js'
export type { BuildArtifacts, BuildProps } from './release/build-props.js'
export {
  Deployment,
  type DeploymentProps,
  type RemoteDeployment,
  type ScriptDeployment,
  type TriggerDeployment,
} from './release/deployment.js'
export { FileTarget, type FileTargetProps } from './release/file-target.js'
export { ContainerImage, type ContainerImageProps } from './release/image.js'
export type { MovingTag, TagRule, VersionTag } from './release/image-tags.js'
export type { PackageManagerProps, ReadBack } from './release/read-back.js'
export { Release, type ReleaseProps } from './release/release.js'
export type { RemoteProps } from './release/remote.js'
export { type Destination, PublicRepo, StagingRepo } from './release/repositories.js'
export type { Route } from './release/route.js'
export {
  type Distribution,
  PackageTarget,
  type PackageTargetProps,
  ReleaseTarget,
  type TargetProps,
} from './release/target.js'
export { type MermaidOptions, renderMermaid } from './render/mermaid.js'
export { renderBody } from './render/yaml.js'
export { type IssueCode, issueCodes } from './report/catalogue.js'
export { type CustomFacts, type Issue, type IssueFacts, sentenceOf } from './report/issue.js'
export {
  type AddressPage,
  type AptRepositoryOptions,
  aptRepository,
  directory,
  type FilesOptions,
  type Format,
  files,
  type GcsKey,
  type GcsOptions,
  type GcsToken,
  type GitLabPackagesOptions,
  type GitLabRegistryOptions,
  type GitLabReleaseOptions,
  gcs,
  gitlabPackages,
  gitlabRegistry,
  gitlabRelease,
  type HttpCredentials,
  type HttpFilesOptions,
  httpFiles,
  type OwnReleaseOptions,
  ociLayout,
  type PackagecloudOptions,
  packagecloud,
  type RegistryOptions,
  type RepositoryAddress,
  registry,
  type S3Credentials,
  type S3Options,
  type S3Role,
  s3,
  type TreeOptions,
  type YumRepositoryOptions,
  yumRepository,
} from './repository/index.js'
export { Secret } from './secret.js'
export type { SourceLocation } from './source-location.js'
export { Synthesis, type SynthesizedFile } from './synthesis.js'
