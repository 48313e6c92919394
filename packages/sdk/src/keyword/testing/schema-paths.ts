import { readFileSync } from 'node:fs'
import type { JsonObject, JsonValue } from '@stagegate/schema'
import { isObject } from '../../gitlab/document.js'

/** GitLab's editor schema; strip-schema.mjs says how it came here. */
export const schema: JsonObject = JSON.parse(readFileSync(new URL('gitlab-ci.schema.json', import.meta.url), 'utf8'))

/** Every keyword below a definition of the schema, as `artifacts.reports.junit`; `*` is a key of the author's. */
export function schemaPaths(definition: JsonValue | undefined): readonly string[] {
  return [...new Set(pathsIn(definition, []))]
}

export function definitionOf(name: string): JsonValue | undefined {
  return isObject(schema['definitions']) ? schema['definitions'][name] : undefined
}

function pathsIn(node: JsonValue | undefined, through: readonly string[]): readonly string[] {
  if (Array.isArray(node)) return node.flatMap((one) => pathsIn(one, through))
  if (!isObject(node)) return []
  const reference = typeof node['$ref'] === 'string' ? node['$ref'] : undefined
  if (reference !== undefined) {
    if (through.includes(reference)) return []
    return pathsIn(definitionOf(reference.replace('#/definitions/', '')), [...through, reference])
  }
  const forms = ['allOf', 'anyOf', 'oneOf', 'then', 'items'].flatMap((key) => pathsIn(node[key], through))
  const named = isObject(node['properties']) ? Object.entries(node['properties']) : []
  const patterns = isObject(node['patternProperties']) ? Object.values(node['patternProperties']) : []
  const others = isObject(node['additionalProperties']) ? [node['additionalProperties']] : []
  const free = [...patterns, ...others].map((one) => ['*', one] as const)
  return [...forms, ...[...named, ...free].flatMap(([key, one]) => [key, ...pathsIn(one, through).map((path) => `${key}.${path}`)])]
}
