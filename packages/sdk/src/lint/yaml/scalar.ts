import { Refused } from '../finding.js'
import { Decimal } from '../value.js'

// How Ruby's Psych reads a plain scalar: YAML 1.1, with exceptions of its own.
const wordy = /^[^\d.:-]?[\p{L}_\s!@#$%^&*(){}<>|/\\~;=]+/u
const time = /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?)?$/
const date = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/
const float = /^[-+]?(?:\d[\d_,]*)?\.\d*(?:[eE][+-]\d+)?$/
const integer = /^(?:[-+]?0b_*[01][01_]*|[-+]?0_*[0-7][0-7_]*|[-+]?(?:0|[1-9](?:\d|,\d|_\d)*)|[-+]?0x_*[\da-fA-F][\da-fA-F_]*)$/
const sexagesimal = /^[-+]?\d[\d_]*(?::[0-5]?\d){1,2}(?:\.[\d_]*)?$/

/**
 * @throws {Refused} for dates and times, which GitLab does not load
 */
export function plainScalar(source: string): null | boolean | number | string | Decimal {
  if (source === '') return null
  if (wordy.test(source) || source.includes('\n')) return word(source)
  if (time.test(source)) throw unspecified('Time', source)
  if (date.test(source)) throw unspecified('Date', source)
  if (/^\+?\.inf$/i.test(source)) return Number.POSITIVE_INFINITY
  if (/^-\.inf$/i.test(source)) return Number.NEGATIVE_INFINITY
  if (/^\.nan$/i.test(source)) return Number.NaN
  if (source.startsWith(':')) return source
  if (sexagesimal.test(source)) return base60(source)
  if (float.test(source)) return /^[-+]?\.$/.test(source) ? source : decimal(source.replace(/[,_]/g, ''))
  return integer.test(source) ? wholeNumber(source.replace(/[,_]/g, '')) : source
}

export function unspecified(name: string, source: string): Refused {
  return new Refused('Y5', 'yaml-class', `GitLab does not load ${source} (a ${name}): put it in quotes`)
}

function word(source: string): null | boolean | string {
  if (source.length > 5) return source
  if (source === '~' || /^null$/i.test(source)) return null
  if (/^(?:yes|true|on)$/i.test(source)) return true
  return /^(?:no|false|off)$/i.test(source) ? false : source
}

function decimal(source: string): number | Decimal {
  const value = Number.parseFloat(source)
  return Number.isInteger(value) ? new Decimal(value) : value
}

function base60(source: string): number {
  const parts = source.replace(/^[-+]|_/g, '').split(':')
  const size = parts.reduce((sum, part) => sum * 60 + Number(part), 0)
  return source.startsWith('-') ? -size : size
}

function wholeNumber(source: string): number {
  const digits = source.replace(/^[-+]/, '')
  const size = /^0[bx]/.test(digits) ? Number(digits) : /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return source.startsWith('-') ? -size : size
}
