import { type ConversionConfig, type JsonSchema, toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import {
  Approval,
  Content,
  Coordinates,
  DeploymentRecord,
  Distribution,
  Finding,
  Instant,
  JsonValue,
  Label,
  Origin,
  Outcome,
  PlannedCondition,
  PlannedDeployment,
  PlannedDestination,
  PlannedPage,
  PlannedRelease,
  PlannedRemote,
  PlannedRepository,
  PlannedRoute,
  PlannedTarget,
  ProgramReceipt,
  Receipt,
  ReleaseManifest,
  ReleasePlan,
  SealedTarget,
  Sha256,
  StagedArtifact,
  StagingAttempt,
  StagingRecord,
  VariableName,
  Verification,
} from './validator/index.js'

type Definitions = NonNullable<JsonSchema['$defs']>

/** The definitions under `$defs`, named like the documentation. */
const definitions: Readonly<Record<string, v.GenericSchema>> = {
  Content,
  Coordinates,
  Distribution,
  Finding,
  Instant,
  JsonValue,
  Label,
  Origin,
  Outcome,
  PlannedCondition,
  PlannedDeployment,
  PlannedDestination,
  PlannedPage,
  PlannedRelease,
  PlannedRemote,
  PlannedRepository,
  PlannedRoute,
  PlannedTarget,
  SealedTarget,
  Sha256,
  StagedArtifact,
  VariableName,
}

const config: ConversionConfig = {
  target: 'draft-2020-12',
  errorMode: 'throw',
  // Where a check comes before a schema, the schema says it all.
  typeMode: 'output',
  definitions: { ...definitions },
  // JSON Schema cannot express, and a parser checks, that a time exists (no 30th of February). JSON has no infinite
  // numbers, and brands are for the compiler alone. Anything else that cannot be said breaks the build.
  ignoreActions: ['check', 'finite', 'brand'],
  overrideAction({ valibotAction, jsonSchema }) {
    const requirement = 'requirement' in valibotAction ? valibotAction.requirement : undefined
    // The patterns of JSON Schema are Unicode ones already: 2020-12, core, 6.4.
    if (requirement instanceof RegExp && requirement.flags === 'u') return { ...jsonSchema, pattern: requirement.source }
    if (valibotAction.type === 'safe_integer')
      return { ...jsonSchema, type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
    return undefined
  },
}

const documents = {
  'release-plan': ReleasePlan,
  'staging-record': StagingRecord,
  'staging-attempt': StagingAttempt,
  'release-manifest': ReleaseManifest,
  approval: Approval,
  'deployment-record': DeploymentRecord,
  receipt: Receipt,
  'program-receipt': ProgramReceipt,
  verification: Verification,
}

/** The JSON Schema (2020-12) of each document, by the name of its file. */
export const jsonSchemas: Readonly<Record<keyof typeof documents, JsonSchema>> = {
  'release-plan': published('release-plan'),
  'staging-record': published('staging-record'),
  'staging-attempt': published('staging-attempt'),
  'release-manifest': published('release-manifest'),
  approval: published('approval'),
  'deployment-record': published('deployment-record'),
  receipt: published('receipt'),
  'program-receipt': published('program-receipt'),
  verification: published('verification'),
}

function published(name: keyof typeof documents): JsonSchema {
  const { $schema, $defs = {}, ...schema } = toJsonSchema(documents[name], config)
  return { $schema, $id: `urn:stagegate:v1:${name}`, title: documents[name].entries.kind.literal, ...schema, $defs: used(schema, $defs) }
}

/** The library lists all definitions; each document gets those that it refers to. */
function used(schema: JsonSchema, definitions: Definitions): Definitions {
  const names = new Set(referencesIn(schema))
  for (const name of names) for (const further of referencesIn(definitions[name])) names.add(further)
  return Object.fromEntries(Object.entries(definitions).filter(([name]) => names.has(name)))
}

function referencesIn(schema: unknown): readonly string[] {
  return [...JSON.stringify(schema ?? {}).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].flatMap(([, name]) => name ?? [])
}
