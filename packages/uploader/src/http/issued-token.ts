import type { JsonValue } from '@stagegate/schema'
import { jsonObjectIn } from '../contract/json-object.js'

/** A token, and for how many seconds it is good. */
export interface IssuedToken {
  readonly token: string
  readonly life: number
}

/** The lifetime in seconds of a token that names none: "defaults to 60". */
const usualLife = 60
const longestLife = 24 * 3600

const fields = ['token', 'access_token'] as const

/**
 * Reads what an issuer answers (Docker Registry v2 authentication, "Token response fields"): `token`, or `access_token`, of which
 * issuers send either or both, and one of them empty or null.
 * @returns `wrong`: why there is no token to be had from it
 */
export function issuedToken(text: string): IssuedToken | { readonly wrong: string } {
  const json = jsonObjectIn(text)
  if (json === undefined) return { wrong: 'its answer is not a JSON object' }
  const field = fields.find((name) => !isEmpty(json[name]))
  if (field === undefined)
    return { wrong: `${fields.map((name) => `${name} is ${json[name] === undefined ? 'missing' : 'empty'}`).join(', and ')}` }
  const token = json[field]
  if (typeof token !== 'string') return { wrong: `${field} is not a string` }
  if (!/^[\x21-\x7e]+$/.test(token)) return { wrong: `${field} has characters that cannot be sent` }
  return { token, life: Math.max(0, Math.min(secondsIn(json['expires_in']) ?? usualLife, longestLife)) }
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === ''
}

/** Some issuers write the number as a text. Of what is neither, nothing is known, as of what is missing. */
function secondsIn(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{1,15}(?:\.\d+)?$/.test(value) ? Number(value) : undefined
}
