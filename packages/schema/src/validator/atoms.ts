import * as v from 'valibot'
import type * as atoms from '../atoms.js'

/** A schema that proves a brand. The casts below hold since nothing else makes such a value. */
type Proving<T> = v.GenericSchema<T>

export const Sha256 = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/, 'a sha256 of 64 lower-case hexadecimal digits'),
) as v.GenericSchema as Proving<atoms.Sha256>

export const Bytes = v.pipe(
  v.number(),
  v.safeInteger('a whole number of bytes'),
  v.minValue(0, 'a number of bytes, 0 or more'),
) as v.GenericSchema as Proving<atoms.Bytes>

export const Seconds = v.pipe(
  v.number(),
  v.safeInteger('a whole number of seconds'),
  v.minValue(0, 'a number of seconds, 0 or more'),
) as v.GenericSchema as Proving<atoms.Seconds>

export const Instant = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time in UTC such as 2026-01-31T12:00:00.000Z'),
  // Date.parse takes the 30th of February for the 2nd of March.
  v.check((text) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text, 'a time that exists'),
) as v.GenericSchema as Proving<atoms.Instant>

/** A label: of a target, a kind, a repository. Printable, no control characters or halves of characters, at most 255 characters. */
export const Label = v.pipe(
  v.string(),
  v.minLength(1, 'a label that is not empty'),
  v.maxLength(255, 'a label of at most 255 characters'),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+$/u, 'a label without control characters'),
)

/** The name of an environment variable. */
export const VariableName = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, 'the name of an environment variable'))

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

const nested: v.GenericSchema<atoms.JsonValue> = v.lazy(() => JsonValue)
export const JsonValue: v.GenericSchema<atoms.JsonValue> = v.union([
  v.string(),
  v.pipe(v.number(), v.finite()),
  v.boolean(),
  v.null(),
  v.array(nested),
  dictionary(v.string(), nested),
])
export const JsonObject: v.GenericSchema<atoms.JsonObject> = dictionary(v.string(), JsonValue)
