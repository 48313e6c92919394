import type { Attributes, Child, Field } from './xml.js'
import type { Checksum } from './yum-package.js'

/** The names that rpm-md has for hashes, and how many hexadecimal digits each has (createrepo_c, src/checksum.c). */
const digits: Readonly<Record<string, number>> = { md5: 32, sha: 40, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 }

/** @throws {Error} if it has no type that clients know */
export function checksumIn({ name, attributes: { type = '' }, text }: Field): Checksum {
  const value = text.trim().toLowerCase()
  if (!Object.hasOwn(digits, type)) throw new Error(`<${name}> is of type ${type}`)
  if (value.length !== digits[type] || !/^[0-9a-f]+$/.test(value)) throw new Error(`<${name}> is ${value}, not ${type}`)
  return { type, value }
}

/** @throws {Error} if there is none in it, or more than one */
export function onlyField({ name: within, fields }: Child, name: string): Field {
  const [first, ...more] = fields.filter((one) => one.name === name)
  if (first === undefined) throw new Error(`a <${within}> has no <${name}>`)
  if (more.length > 0) throw new Error(`a <${within}> has ${more.length + 1} <${name}>`)
  return first
}

/** @throws {Error} if it has none */
export function attributeOf({ name, attributes }: { readonly name: string; readonly attributes: Attributes }, wanted: string): string {
  const value = attributes[wanted]
  if (value === undefined) throw new Error(`<${name}> has no ${wanted}`)
  return value
}

/** @throws {Error} unless it consists of decimal digits */
export function wholeNumber(text: string, what: string): number {
  const value = /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined
  if (value === undefined) throw new Error(`${what} is ${text}`)
  return value
}
