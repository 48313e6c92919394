import { createHash } from 'node:crypto'
import type { Sha256 } from './atoms.js'
import { sha256 } from './make-atom.js'

/**
 * The one way to write a value, whatever order its keys were made in: RFC 8785 (JSON Canonicalization Scheme).
 * Keys are sorted by UTF-16 code units, which is what JavaScript's own sort does; numbers and strings are JSON.stringify's.
 * @throws {TypeError} for what JSON cannot hold
 */
export function canonical(value: unknown): string {
  // Not `map` alone: it would leave out the holes of a sparse array.
  if (Array.isArray(value)) return `[${Array.from(value, canonicalItem).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    if (!isPlain(value)) throw new TypeError(`Expected a JSON value, got a ${value.constructor.name}`)
    const entries = Object.entries(value).filter(([, member]) => member !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`Expected a finite number, got ${value}`)
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`Expected a JSON value, got ${typeof value}`)
  return text
}

const canonicalItem = (item: unknown): string => canonical(item)

/** A Date, a Map or a Set has no keys of its own: it would be written as `{}`, and a digest would not cover it. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The sha256 of a document's canonical form: what a person approves, and what `--manifest-digest` takes. */
export function digestOf(document: unknown): Sha256 {
  return sha256(createHash('sha256').update(canonical(document)).digest('hex'))
}
