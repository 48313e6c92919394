import * as v from 'valibot'

/** A sha256 digest: 64 lower-case hexadecimal digits, without a prefix. */
export const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a sha256 of 64 lower-case hexadecimal digits'), v.brand('Sha256'))
export type Sha256 = v.InferOutput<typeof Sha256>

/** A number of bytes. */
export const Bytes = v.pipe(
  v.number(),
  v.safeInteger('a whole number of bytes'),
  v.minValue(0, 'a number of bytes, 0 or more'),
  v.brand('Bytes'),
)
export type Bytes = v.InferOutput<typeof Bytes>

/** A length of time in whole seconds. */
export const Seconds = v.pipe(
  v.number(),
  v.safeInteger('a whole number of seconds'),
  v.minValue(0, 'a number of seconds, 0 or more'),
  v.brand('Seconds'),
)
export type Seconds = v.InferOutput<typeof Seconds>

/** A moment in UTC, as ISO 8601 with milliseconds: `2026-01-31T12:00:00.000Z`. */
export const Instant = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time in UTC such as 2026-01-31T12:00:00.000Z'),
  // Date.parse takes the 30th of February for the 2nd of March.
  v.check((text) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text, 'a time that exists'),
  v.brand('Instant'),
)
export type Instant = v.InferOutput<typeof Instant>

/** A label: of a target, a kind, a repository. Printable, no control characters or halves of characters, at most 255 characters. */
export const Label = v.pipe(
  v.string(),
  v.minLength(1, 'a label that is not empty'),
  v.maxLength(255, 'a label of at most 255 characters'),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+$/u, 'a label without control characters'),
)

export function isLabel(text: string): boolean {
  return v.is(Label, text)
}

/** The name of an environment variable. */
export const VariableName = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, 'the name of an environment variable'))

export function isVariableName(text: string): boolean {
  return v.is(VariableName, text)
}

/** Certificates as PEM text, one after the other and nothing else: no keys, no comments. */
export const CertificatesPem = v.pipe(
  v.string(),
  v.maxLength(64 * 1024, 'certificates of at most 64 KiB'),
  v.regex(
    /^(?:-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,76}\n)+-----END CERTIFICATE-----\n)+$/,
    'certificates as PEM text, and nothing else',
  ),
)

/** An object with keys of its own choosing. (`v.record` alone takes a list for one.) */
export function dictionary<const V extends v.GenericSchema>(key: typeof Label | v.StringSchema<undefined>, value: V) {
  return v.pipe(v.custom<Record<string, v.InferInput<V>>>(isObject, 'an object'), v.record(key, value))
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}
const nested: v.GenericSchema<JsonValue> = v.lazy(() => JsonValue)
export const JsonValue: v.GenericSchema<JsonValue> = v.union([
  v.string(),
  v.pipe(v.number(), v.finite()),
  v.boolean(),
  v.null(),
  v.array(nested),
  dictionary(v.string(), nested),
])
export const JsonObject: v.GenericSchema<JsonObject> = dictionary(v.string(), JsonValue)

export function sha256(hex: string): Sha256 {
  return v.parse(Sha256, hex)
}
export function isSha256(text: string): text is Sha256 {
  return v.is(Sha256, text)
}
export function bytes(count: number): Bytes {
  return v.parse(Bytes, count)
}
export function seconds(count: number): Seconds {
  return v.parse(Seconds, count)
}
/** The moment of a date, or of milliseconds since 1970. */
export function instant(at: Date | number): Instant {
  const text = new Date(at).toISOString()
  // The cast: what it makes of a year of four digits is one. Those of other lengths are refused; to check all, thousands of times, takes long.
  return text.length === 24 ? (text as Instant) : v.parse(Instant, text)
}
/** `at`, moved by a number of seconds. */
export function later(at: Instant, by: number): Instant {
  return instant(Date.parse(at) + by * 1000)
}
