declare const brand: unique symbol
/** Marks a value that was checked. Only the functions and parsers of this package make one. */
export interface Brand<Name extends string> {
  readonly [brand]: Name
}

/** A sha256 digest: 64 lower-case hexadecimal digits, without a prefix. `sha256()` makes one. */
export type Sha256 = string & Brand<'Sha256'>
/** A number of bytes, whole and not negative. `bytes()` makes one. */
export type Bytes = number & Brand<'Bytes'>
/** A duration in whole seconds, not negative. `seconds()` makes one. */
export type Seconds = number & Brand<'Seconds'>
/** A moment in UTC, as ISO 8601 with milliseconds: `2026-01-31T12:00:00.000Z`. `instant()` makes one. Its order as text is its order in time. */
export type Instant = string & Brand<'Instant'>

/** Anything that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
/** An object of JSON. */
export interface JsonObject {
  [key: string]: JsonValue
}
