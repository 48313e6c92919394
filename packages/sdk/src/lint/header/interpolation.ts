import { blocksIn } from '../blocks.js'
import { type Path, Refused } from '../finding.js'
import { isList, isMap, isText, maximumDepth, rubyText, Unknown, type Yaml } from '../value.js'

const longestBlock = 1_024
const mostParts = 5
const mostFunctions = 3
const mostBlocks = 10_000
const longestNode = 1_000_000
const mostNodes = 500_000
/** Bytes that interpolation may insert in total. GitLab names no limit; a file has at most 2 MiB. */
const mostFilled = 4 * 1024 * 1024

export interface Inputs {
  readonly values: ReadonlyMap<string, Yaml>
  /** Whether all inputs are known. Otherwise the block of an unknown one stays. */
  readonly complete: boolean
}

/**
 * Replaces every `$[[ inputs.name | function ]]`. A string that is a single block becomes the input's value, with its type.
 * @throws {Refused} for a block that GitLab cannot interpolate
 */
export function interpolated(root: Yaml, inputs: Inputs): Yaml {
  let [nodes, size] = [0, 0]
  const fill = (value: Yaml, path: Path): Yaml => {
    nodes += 1
    if (nodes > mostNodes) throw tooMuch(path)
    if (path.length > maximumDepth) return value
    if (isText(value)) {
      if (!value.includes('$[[')) return value
      const result = filled(value, inputs, path, mostFilled - size)
      if (isText(result) && !inputs.complete && blocksIn(result).some(isInput)) return new Unknown(result)
      size += isText(result) ? result.length : 0
      if (size > mostFilled) throw tooMuch(path)
      return result
    }
    if (isList(value)) return value.map((item, index) => fill(item, [...path, index]))
    if (isMap(value))
      return new Map([...value].map(([key, member]) => [keyOf(fill(key, path)), fill(member, [...path, rubyText(key)])] as const))
    return value
  }
  return fill(root, [])
}

const isInput = (part: string, index: number): boolean => index % 2 === 1 && part.startsWith('inputs.')
/** An unknown name is still a name. */
const keyOf = (key: Yaml): Yaml => (key instanceof Unknown ? key.text : key)

function filled(text: string, inputs: Inputs, path: Path, room: number): Yaml {
  if (Buffer.byteLength(text) > longestNode) throw refused('interpolation-node', 'a string to interpolate is too long', path)
  const parts = blocksIn(text)
  if (parts.length > 2 * mostBlocks + 1) throw refused('interpolation-blocks', 'a string has too many `$[[ … ]]`', path)
  const [before = '', only, after] = parts
  if (only !== undefined && parts.length === 3 && `${before}${after}`.trim() === '') return blockValue(only, inputs, path)
  let left = room
  return parts
    .map((part, index) => {
      if (index % 2 === 0) return part
      const value = asText(blockValue(part, inputs, path))
      left -= value.length
      if (left < 0) throw tooMuch(path)
      return value
    })
    .join('')
}

const asText = (value: Yaml): string => (isList(value) ? JSON.stringify(value) : rubyText(value))

function blockValue(inside: string, inputs: Inputs, path: Path): Yaml {
  // Matrix values and job inputs are interpolated later, by other rules.
  if (/^(?:matrix|job\.inputs)\./.test(inside)) return `$[[ ${inside} ]]`
  if (Buffer.byteLength(inside) > longestBlock) throw refused('interpolation-length', 'a `$[[ … ]]` is too long', path)
  const [access = '', ...functions] = inside
    .replace(/[|\s]*$/, '')
    .split('|')
    .map((part) => part.trim())
  const parts = access.split('.')
  if (parts.length > mostParts) throw refused('interpolation-access', `${access} has too many parts`, path)
  if (functions.length > mostFunctions) throw refused('interpolation-functions', 'a `$[[ … ]]` has too many functions', path)
  const [scope, first = '', ...rest] = parts
  const [, name = '', indexes = ''] = /^([^[]*)((?:\[\d+\])*)$/.exec(first) ?? []
  const own = scope === 'inputs' ? inputs.values.get(name) : undefined
  if (own === openValue(name) || (scope === 'inputs' && own === undefined && !inputs.complete)) return `$[[ ${inside} ]]`
  const steps = [...indexes.matchAll(/\d+/g), ...rest.map((key) => [key] as const)].map(([step = '']) => step)
  const value = steps.reduce(memberOf, own)
  if (value === undefined) throw refused('interpolation-unknown', `$[[ ${inside} ]]: ${access} is not an input of this file`, path)
  return functions.reduce((before, call) => applied(call, before, path), value)
}

function memberOf(value: Yaml | undefined, step: string): Yaml | undefined {
  if (isList(value)) return value[Number(step)]
  return isMap(value) ? value.get(step) : undefined
}

/** The value of an input without a value: its block. */
export function openValue(name: string): string {
  return `$[[ inputs.${name} ]]`
}

function applied(call: string, value: Yaml, path: Path): Yaml {
  const cut = /^truncate\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(call)
  if (cut !== null && isText(value)) return value.slice(Number(cut[1]), Number(cut[1]) + Number(cut[2]))
  if (call === 'expand_vars' && isText(value)) return value
  if (call === 'posix_escape' && isText(value)) return value === '' ? "''" : value.replaceAll(/[^\w\-.,:+/@\n]/g, '\\$&')
  throw refused('interpolation-function', `${call} is not a function, or not one for this value`, path)
}

const tooMuch = (path: Path): Refused => refused('interpolation-size', 'interpolation makes the file too large', path)

const refused = (code: string, message: string, path: Path): Refused => new Refused('K8', code, message, { path })
