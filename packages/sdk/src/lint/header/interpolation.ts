import { type Path, Refused } from '../finding.js'
import { isList, isMap, isText, maximumDepth, shown, type Yaml } from '../value.js'

const longestBlock = 1_024
const mostParts = 5
const mostFunctions = 3
const mostBlocks = 10_000
const longestNode = 1_000_000
const mostNodes = 500_000
/** Bytes that may be filled in altogether. GitLab does not say; a file has 2 MiB at most. */
const mostFilled = 4 * 1024 * 1024

/**
 * The document with every `$[[ inputs.name | function ]]` filled in. A text that is one block takes the input's own type.
 * @throws {Refused} for a block that GitLab cannot fill in
 */
export function interpolated(root: Yaml, inputs: ReadonlyMap<string, Yaml>): Yaml {
  let [nodes, size] = [0, 0]
  const fill = (value: Yaml, path: Path): Yaml => {
    nodes += 1
    if (nodes > mostNodes) throw tooMuch(path)
    if (path.length > maximumDepth) return value
    if (isText(value)) {
      if (!value.includes('$[[')) return value
      const result = filled(value, inputs, path, mostFilled - size)
      size += isText(result) ? result.length : 0
      if (size > mostFilled) throw tooMuch(path)
      return result
    }
    if (isList(value)) return value.map((item, index) => fill(item, [...path, index]))
    if (isMap(value)) return new Map([...value].map(([key, member]) => [fill(key, path), fill(member, [...path, shown(key)])] as const))
    return value
  }
  return fill(root, [])
}

function filled(text: string, inputs: ReadonlyMap<string, Yaml>, path: Path, room: number): Yaml {
  if (Buffer.byteLength(text) > longestNode)
    throw refused('interpolation-node', 'a text to fill in is too long', 'config node too large', path)
  const parts = partsOf(text)
  if (parts.length > 2 * mostBlocks + 1)
    throw refused('interpolation-blocks', 'a text has too many blocks to fill in', 'too many interpolation blocks', path)
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

/** A text and the insides of its blocks, by turns. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const start = text.indexOf('$[[', at)
    const end = start === -1 ? -1 : text.indexOf(']]', start + 3)
    if (end === -1) return [...parts, text.slice(at)]
    parts.push(text.slice(at, start), text.slice(start + 3, end).trim())
    at = end + 2
  }
}

const asText = (value: Yaml): string => (isList(value) ? JSON.stringify(value) : shown(value))

function blockValue(inside: string, inputs: ReadonlyMap<string, Yaml>, path: Path): Yaml {
  // Matrix values and job inputs are filled in later, by their own rules.
  if (/^(?:matrix|job\.inputs)\./.test(inside)) return `$[[ ${inside} ]]`
  if (Buffer.byteLength(inside) > longestBlock)
    throw refused('interpolation-length', 'a block to fill in is too long', 'interpolation block is too long', path)
  const [access = '', ...functions] = inside.split('|').map((part) => part.trim())
  const parts = access.split('.')
  if (parts.length > mostParts) throw refused('interpolation-access', `${access} has too many parts`, 'too many access parts', path)
  if (functions.length > mostFunctions)
    throw refused('interpolation-functions', 'a block has too many functions', 'too many functions in interpolation block', path)
  const [scope, name = '', ...rest] = parts
  const value = scope === 'inputs' && rest.length === 0 ? inputs.get(name) : undefined
  const unknown = scope === 'inputs' ? (rest[0] ?? name) : scope
  if (value === undefined)
    throw refused(
      'interpolation-unknown',
      `$[[ ${inside} ]] is no input of this file`,
      `unknown interpolation provided: \`${unknown}\` in \`${access}\``,
      path,
    )
  return functions.reduce((before, call) => applied(call, before, path), value)
}

function applied(call: string, value: Yaml, path: Path): Yaml {
  const cut = /^truncate\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(call)
  if (cut !== null && isText(value)) return value.slice(Number(cut[1]), Number(cut[1]) + Number(cut[2]))
  if (call === 'expand_vars' && isText(value)) return value
  if (call === 'posix_escape' && isText(value)) return value === '' ? "''" : value.replaceAll(/[^\w\-.,:+/@\n]/g, '\\$&')
  throw refused(
    'interpolation-function',
    `${call} is no function for this value`,
    `no function matching \`${call}\`: check that the function name, arguments, and types are correct`,
    path,
  )
}

const tooMuch = (path: Path): Refused => refused('interpolation-size', 'there is too much to fill in', 'config too large', path)

const refused = (code: string, ours: string, gitlab: string, path: Path): Refused => new Refused('K8', code, ours, { gitlab, path })
