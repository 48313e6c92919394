export { App, type AppProps, appBrand, type CliProps, type ProjectProps, type SynthOptions } from './app.js'
export { type AuditFinding, type AuditOptions, type AuditResult, audit } from './audit/audit.js'
export {
  comparePipelines,
  type Incomparable,
  nameOfNoJob,
  type PipelineChange,
  type PipelineVersion,
  publishersIn,
} from './audit/compare.js'
export { Condition, type PipelineEvent, type VariableCondition } from './condition/index.js'
export { Construct } from './construct.js'
export { Duration } from './duration.js'
export type { ArtifactsProps, ReportKind, ReportsProps } from './gitlab/artifacts.js'
export type { CacheKeyProps, CacheProps } from './gitlab/cache.js'
export type { RuleCondition } from './gitlab/condition-text.js'
export type { DefaultProps, HooksProps } from './gitlab/default.js'
export type { JobDocument, PipelineDocument } from './gitlab/document.js'
export type { EnvironmentKubernetesProps, EnvironmentProps } from './gitlab/environment.js'
export type { ChangesProps, ExistsProps } from './gitlab/files-matching.js'
export type { ImageProps, PullPolicy, ServiceProps } from './gitlab/image.js'
export type { IncludeProps, IncludeRule } from './gitlab/include.js'
export type { InheritProps } from './gitlab/inherit.js'
export type { InputValues } from './gitlab/input-values.js'
export type { InputProps, InputRuleProps, JobInputProps } from './gitlab/inputs.js'
export { type Exemption, Job, type JobProps } from './gitlab/job.js'
export type { JobKeywords } from './gitlab/job-keywords.js'
export type { IncludedJob, JobReference } from './gitlab/named-job.js'
export type { Need, NeedProps, OtherPipelineNeed, OtherProjectNeed, RuleNeed } from './gitlab/needs.js'
export type { PagesProps } from './gitlab/pages.js'
export type { MatrixProps, MatrixRow } from './gitlab/parallel.js'
export type { PipelineKeywords } from './gitlab/pipeline-keywords.js'
export type { ReleaseEntryProps, ReleaseLink } from './gitlab/release.js'
export type { RetryProps, RetryReason } from './gitlab/retry.js'
export type { RuleProps } from './gitlab/rules.js'
export type { AwsSecret, ExternalSecret, ExternalSecrets, IdTokens, VaultSecret } from './gitlab/secrets.js'
export type { StartProps } from './gitlab/start.js'
export type { StepProps, StepSource } from './gitlab/steps.js'
export type { ForwardProps, TriggerInclude, TriggerProps } from './gitlab/trigger.js'
export type { JobVariable, JobVariables, PipelineVariable, PipelineVariables } from './gitlab/variables.js'
export type { AutoCancelProps, WorkflowProps, WorkflowRule } from './gitlab/workflow.js'
export type { JobExplanation } from './graph/explain.js'
export type { AbsentJob, JobFacts, Pipeline, PlannedJob } from './graph/pipeline.js'
export { type Issue, type IssueFacts, sentenceOf } from './issue.js'
export { type OneOrMany, PipelineKind, type PipelineKindProps } from './kind.js'
export type { ReadLocal } from './lint/index.js'
export {
  Deployment,
  type DeploymentProps,
  type RemoteDeployment,
  type ScriptDeployment,
  type TriggerDeployment,
} from './release/deployment.js'
export { ContainerImage, type ContainerImageProps, type TagRule } from './release/image.js'
export { Release, type ReleaseProps } from './release/release.js'
export type { RemoteProps } from './release/remote.js'
export { type Destination, PublicRepo, StagingRepo } from './release/repositories.js'
export type { Route } from './release/route.js'
export {
  type BuildProps,
  type Distribution,
  PackageTarget,
  type PackageTargetProps,
  ReleaseTarget,
  type TargetProps,
} from './release/target.js'
export { type MermaidOptions, renderMermaid } from './render/mermaid.js'
export {
  directory,
  type Format,
  gitlabRegistry,
  ociLayout,
  type PackagecloudOptions,
  packagecloud,
  type RegistryOptions,
  type RepositoryAddress,
  registry,
} from './repository/index.js'
export { Secret } from './secret.js'
export type { SourceLocation } from './source-location.js'
export { Synthesis, type SynthesizedFile } from './synthesis.js'
