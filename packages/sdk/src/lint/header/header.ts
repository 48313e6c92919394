import type { JsonValue } from '@stagegate/schema'
import type { Place } from '../place.js'
import { asJson } from '../resolve/document.js'
import { fromPlain, isList, isMap, rubyText, type Yaml, type YamlMap } from '../value.js'
import type { Loaded } from '../yaml/load.js'
import { inputValues, unknownInputs } from './input-values.js'
import { interpolated, openValue } from './interpolation.js'
import { spec } from './spec.js'

export interface InputDeclaration {
  readonly name: string
  /** Every value that it can have; `undefined` where that is no list. */
  readonly values: readonly JsonValue[] | undefined
}

export interface GivenInputs {
  readonly inputs?: Readonly<Record<string, unknown>> | undefined
  /** Inputs whose blocks stay as they are. */
  readonly open?: ReadonlySet<string> | undefined
}

/**
 * The content of a file with its inputs filled in; not valid where the header, or what is filled in, is wrong.
 * @throws {Refused} for a block that GitLab cannot fill in
 */
export function headerOf(
  { header, content }: Pick<Loaded, 'header' | 'content'>,
  { inputs: given = {}, open = nothingOpen }: GivenInputs,
  place: Place,
): { readonly content: YamlMap; readonly valid: boolean; readonly inputs: readonly InputDeclaration[] } {
  let valid = true
  const watched = place.watching(() => {
    valid = false
  })
  const plainGiven = new Map(Object.entries(given).map(([key, value]) => [key, fromPlain(value) ?? null] as const))
  if (header === undefined) {
    if (plainGiven.size > 0) unknownInputs(watched)
    return { content, valid, inputs: [] }
  }
  spec(header.get('spec') ?? null, watched.at('spec'))
  if (!valid) return { content, valid, inputs: [] }
  const inputs = [...declared(header)].map(([name, declaration]) => declarationOf(rubyText(name), declaration))
  const values = inputValues(declared(header), plainGiven, watched)
  if (!valid) return { content, valid, inputs }
  const filled = interpolated(content, new Map([...values].map(([name, value]) => [name, open.has(name) ? openValue(name) : value])))
  return { content: isMap(filled) ? filled : content, valid, inputs }
}

const nothingOpen: ReadonlySet<string> = new Set()

/** The values that a finite input can have; all others can have any. */
function declarationOf(name: string, declaration: Yaml): InputDeclaration {
  const facts = isMap(declaration) ? declaration : new Map<Yaml, Yaml>()
  const options = facts.get('options')
  if (isList(options)) return { name, values: options.map(asJson) }
  return { name, values: facts.get('type') === 'boolean' ? [true, false] : undefined }
}

function declared(header: YamlMap): YamlMap {
  const own: Yaml | undefined = header.get('spec')
  const inputs = isMap(own) ? own.get('inputs') : undefined
  return isMap(inputs) ? inputs : new Map()
}
