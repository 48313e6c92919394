import type { Place } from '../place.js'
import { fromPlain, isMap, type Yaml, type YamlMap } from '../value.js'
import type { Loaded } from '../yaml/load.js'
import { inputValues, unknownInputs } from './input-values.js'
import { interpolated } from './interpolation.js'
import { spec } from './spec.js'

/**
 * The content of a file with its inputs filled in; not valid where the header, or what is filled in, is wrong.
 * @throws {Refused} for a block that GitLab cannot fill in
 */
export function headerOf(
  { header, content }: Pick<Loaded, 'header' | 'content'>,
  given: Readonly<Record<string, unknown>>,
  place: Place,
): { readonly content: YamlMap; readonly valid: boolean } {
  let valid = true
  const watched = place.watching(() => {
    valid = false
  })
  const plainGiven = new Map(Object.entries(given).map(([key, value]) => [key, fromPlain(value) ?? null] as const))
  if (header === undefined) {
    if (plainGiven.size > 0) unknownInputs(watched)
    return { content, valid }
  }
  spec(header.get('spec') ?? null, watched.at('spec'))
  if (!valid) return { content, valid }
  const values = inputValues(declared(header), plainGiven, watched)
  if (!valid) return { content, valid }
  const filled = interpolated(content, values)
  return { content: isMap(filled) ? filled : content, valid }
}

function declared(header: YamlMap): YamlMap {
  const own: Yaml | undefined = header.get('spec')
  const inputs = isMap(own) ? own.get('inputs') : undefined
  return isMap(inputs) ? inputs : new Map()
}
