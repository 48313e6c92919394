import type { JsonObject, JsonValue } from '@stagegate/schema'

/** The JSON object that a text from outside is; `undefined` where it is none. */
export function jsonObjectIn(text: string): JsonObject | undefined {
  try {
    const json: JsonValue = JSON.parse(text)
    return isJsonObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
