export { App, type AppProps, appBrand, type CliProps } from './app.js'
export { Condition, type PipelineEvent, type VariableCondition } from './condition/index.js'
export { Construct } from './construct.js'
export { Duration } from './duration.js'
export type { ArtifactsProps } from './gitlab/artifacts.js'
export type { JobDocument, PipelineDocument } from './gitlab/document.js'
export type { EnvironmentProps } from './gitlab/environment.js'
export type { InheritProps } from './gitlab/inherit.js'
export { Job, type JobProps, type Need } from './gitlab/job.js'
export type { JobKeywords } from './gitlab/job-keywords.js'
export type { RetryProps } from './gitlab/retry.js'
export type { TriggerProps } from './gitlab/trigger.js'
export type { Pipeline, PlannedJob } from './graph/pipeline.js'
export { type Issue, type IssueFacts, sentenceOf } from './issue.js'
export { type OneOrMany, PipelineKind, type PipelineKindProps } from './kind.js'
export { Deployment, type DeploymentProps, type ScriptDeployment, type TriggerDeployment } from './release/deployment.js'
export { Release, type ReleaseProps } from './release/release.js'
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
export { directory, type Format, type PackagecloudOptions, packagecloud, type RepositoryAddress } from './repository/index.js'
export { Secret } from './secret.js'
export type { SourceLocation } from './source-location.js'
export { Synthesis, type SynthesizedFile } from './synthesis.js'
