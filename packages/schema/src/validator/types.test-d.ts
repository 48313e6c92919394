// Checked by tsc: the documents as they are written down are those that the schemas accept. Nothing of this runs.
import type * as v from 'valibot'
import { expectTypeOf } from 'vitest'
import type * as schema from '../index.js'
import type * as validator from './index.js'

/** A schema's output, which nobody changes; any JSON is left as it is. */
type Frozen<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : schema.JsonValue extends T[keyof T]
      ? T
      : { readonly [Key in keyof T]: Frozen<T[Key]> }
type Accepted<Schema extends v.GenericSchema> = Frozen<v.InferOutput<Schema>>

expectTypeOf<Accepted<typeof validator.Approval>>().toEqualTypeOf<schema.Approval>()
expectTypeOf<Accepted<typeof validator.Bytes>>().toEqualTypeOf<schema.Bytes>()
expectTypeOf<Accepted<typeof validator.Content>>().toEqualTypeOf<schema.Content>()
expectTypeOf<Accepted<typeof validator.Coordinates>>().toEqualTypeOf<schema.Coordinates>()
expectTypeOf<Accepted<typeof validator.DeploymentRecord>>().toEqualTypeOf<schema.DeploymentRecord>()
expectTypeOf<Accepted<typeof validator.Finding>>().toEqualTypeOf<schema.Finding>()
expectTypeOf<Accepted<typeof validator.Flavour>>().toEqualTypeOf<schema.Flavour>()
expectTypeOf<Accepted<typeof validator.GateLook>>().toEqualTypeOf<schema.GateLook>()
expectTypeOf<Accepted<typeof validator.ImageCoordinates>>().toEqualTypeOf<schema.ImageCoordinates>()
expectTypeOf<Accepted<typeof validator.ImageOutcome>>().toEqualTypeOf<schema.ImageOutcome>()
expectTypeOf<Accepted<typeof validator.Instant>>().toEqualTypeOf<schema.Instant>()
expectTypeOf<Accepted<typeof validator.LayersRead>>().toEqualTypeOf<schema.LayersRead>()
expectTypeOf<Accepted<typeof validator.Origin>>().toEqualTypeOf<schema.Origin>()
expectTypeOf<Accepted<typeof validator.Outcome>>().toEqualTypeOf<schema.Outcome>()
expectTypeOf<Accepted<typeof validator.PackageCoordinates>>().toEqualTypeOf<schema.PackageCoordinates>()
expectTypeOf<Accepted<typeof validator.PartCoordinates>>().toEqualTypeOf<schema.PartCoordinates>()
expectTypeOf<Accepted<typeof validator.PlannedCondition>>().toEqualTypeOf<schema.PlannedCondition>()
expectTypeOf<Accepted<typeof validator.PlannedDeployment>>().toEqualTypeOf<schema.PlannedDeployment>()
expectTypeOf<Accepted<typeof validator.PlannedDestination>>().toEqualTypeOf<schema.PlannedDestination>()
expectTypeOf<Accepted<typeof validator.PlannedFiles>>().toEqualTypeOf<schema.PlannedFiles>()
expectTypeOf<Accepted<typeof validator.PlannedImage>>().toEqualTypeOf<schema.PlannedImage>()
expectTypeOf<Accepted<typeof validator.PlannedKind>>().toEqualTypeOf<schema.PlannedKind>()
expectTypeOf<Accepted<typeof validator.PlannedModule>>().toEqualTypeOf<schema.PlannedModule>()
expectTypeOf<Accepted<typeof validator.PlannedPackages>>().toEqualTypeOf<schema.PlannedPackages>()
expectTypeOf<Accepted<typeof validator.PlannedPage>>().toEqualTypeOf<schema.PlannedPage>()
expectTypeOf<Accepted<typeof validator.PlannedProject>>().toEqualTypeOf<schema.PlannedProject>()
expectTypeOf<Accepted<typeof validator.PlannedRecords>>().toEqualTypeOf<schema.PlannedRecords>()
expectTypeOf<Accepted<typeof validator.PlannedRelease>>().toEqualTypeOf<schema.PlannedRelease>()
expectTypeOf<Accepted<typeof validator.PlannedRemote>>().toEqualTypeOf<schema.PlannedRemote>()
expectTypeOf<Accepted<typeof validator.PlannedRepository>>().toEqualTypeOf<schema.PlannedRepository>()
expectTypeOf<Accepted<typeof validator.PlannedRoute>>().toEqualTypeOf<schema.PlannedRoute>()
expectTypeOf<Accepted<typeof validator.PlannedTag>>().toEqualTypeOf<schema.PlannedTag>()
expectTypeOf<Accepted<typeof validator.PlannedTarget>>().toEqualTypeOf<schema.PlannedTarget>()
expectTypeOf<Accepted<typeof validator.Problem>>().toEqualTypeOf<schema.Problem>()
expectTypeOf<Accepted<typeof validator.FileOutcome>>().toEqualTypeOf<schema.FileOutcome>()
expectTypeOf<Accepted<typeof validator.ProgramOrigin>>().toEqualTypeOf<schema.ProgramOrigin>()
expectTypeOf<Accepted<typeof validator.ProgramReceipt>>().toEqualTypeOf<schema.ProgramReceipt>()
expectTypeOf<Accepted<typeof validator.Receipt>>().toEqualTypeOf<schema.Receipt>()
expectTypeOf<Accepted<typeof validator.ReleaseManifest>>().toEqualTypeOf<schema.ReleaseManifest>()
expectTypeOf<Accepted<typeof validator.ReleasePlan>>().toEqualTypeOf<schema.ReleasePlan>()
expectTypeOf<Accepted<typeof validator.SealedTag>>().toEqualTypeOf<schema.SealedTag>()
expectTypeOf<Accepted<typeof validator.SealedTarget>>().toEqualTypeOf<schema.SealedTarget>()
expectTypeOf<Accepted<typeof validator.Seconds>>().toEqualTypeOf<schema.Seconds>()
expectTypeOf<Accepted<typeof validator.Sha256>>().toEqualTypeOf<schema.Sha256>()
expectTypeOf<Accepted<typeof validator.StagedArtifact>>().toEqualTypeOf<schema.StagedArtifact>()
expectTypeOf<Accepted<typeof validator.StagingAttempt>>().toEqualTypeOf<schema.StagingAttempt>()
expectTypeOf<Accepted<typeof validator.StagingRecord>>().toEqualTypeOf<schema.StagingRecord>()
expectTypeOf<Accepted<typeof validator.Verdict>>().toEqualTypeOf<schema.Verdict>()
expectTypeOf<Accepted<typeof validator.Verification>>().toEqualTypeOf<schema.Verification>()

// Content with another member is not the same, nor one that can be changed.
// @ts-expect-error
expectTypeOf<Accepted<typeof validator.Content>>().toEqualTypeOf<schema.Content & { readonly further: string }>()
// @ts-expect-error
expectTypeOf<v.InferOutput<typeof validator.Content>>().toEqualTypeOf<schema.Content>()
