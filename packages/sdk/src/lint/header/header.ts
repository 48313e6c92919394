import type { JsonValue } from '@stagegate/schema'
import { inputValue } from '../input.js'
import type { Place } from '../place.js'
import { asJson } from '../resolve/document.js'
import { type FileParts, fromPlain, isList, isMap, rubyText, type Yaml, type YamlMap } from '../value.js'
import { inputValues, unknownInputs } from './input-values.js'
import { interpolated, openValue } from './interpolation.js'
import { type ReadInputs, sharedInputs } from './shared-inputs.js'
import { spec } from './spec.js'

export interface InputDeclaration {
  readonly name: string
  /** Every value that it can have; `undefined` if that is not a list. */
  readonly values: readonly JsonValue[] | undefined
}

export interface GivenInputs {
  readonly inputs?: Readonly<Record<string, unknown>> | undefined
  /** Inputs whose blocks stay as they are. */
  readonly open?: ReadonlySet<string> | undefined
  /** Reads the files of `spec:include`; without it they count as not read. */
  readonly readInputs?: ReadInputs | undefined
}

export interface FilledFile {
  readonly content: YamlMap
  readonly valid: boolean
  readonly inputs: readonly InputDeclaration[]
  /** Files of `spec:include` that were not read. They may declare an input that is unknown here. */
  readonly unread: readonly string[]
}

/**
 * The content of a file with its inputs filled in; invalid if the header or a filled-in value is wrong.
 * @throws {Refused} for a block that GitLab cannot fill in
 */
export function headerOf({ header, content }: FileParts, given: GivenInputs, place: Place): FilledFile {
  let valid = true
  const watched = place.watching(() => {
    valid = false
  })
  const nothingFilled = (): FilledFile => ({ content, valid, inputs: [], unread: [] })
  const plainGiven = new Map(Object.entries(given.inputs ?? {}).map(([key, value]) => [key, fromPlain(value) ?? null] as const))
  if (header === undefined) {
    if (plainGiven.size > 0) unknownInputs(watched)
    return nothingFilled()
  }
  checkHeader(header, watched)
  if (!valid) return nothingFilled()
  const { declared, unread } = sharedInputs(header, given.readInputs, watched)
  if (!valid) return nothingFilled()
  const inputs = [...declared].map(([name, declaration]) => declarationOf(rubyText(name), declaration))
  const complete = unread.length === 0
  const values = inputValues(declared, plainGiven, watched, complete)
  if (!valid) return { ...nothingFilled(), inputs }
  const open = [...values].map(([name, value]) => [name, given.open?.has(name) === true ? openValue(name) : value] as const)
  const filled = interpolated(content, { values: new Map(open), complete })
  return { content: isMap(filled) ? filled : content, valid, inputs, unread }
}

/** Checks a header whose inputs get their values later: its form, and the defaults. */
export function checkSpec(spec: Yaml, place: Place): void {
  let valid = true
  const watched = place.watching(() => {
    valid = false
  })
  const header: YamlMap = new Map([['spec', spec]])
  checkHeader(header, watched)
  if (!valid) return
  const { declared } = sharedInputs(header, undefined, watched)
  for (const [name, facts] of declared)
    if (isMap(facts) && facts.has('default'))
      inputValue(
        { rule: 'K7', value: facts.get('default') ?? null, from: 'default' },
        facts,
        place.at('spec').at('inputs').at(rubyText(name)),
      )
}

function checkHeader(header: YamlMap, place: Place): void {
  const others = [...header.keys()].filter((key) => key !== 'spec').map(rubyText)
  if (others.length > 0)
    place.at('spec').fail('K6', 'header-key', `is next to ${others.join(', ')}: move everything else below the next \`---\``)
  const own = header.get('spec') ?? null
  if (own !== null) spec(own, place.at('spec'))
}

/** The possible values of a finite input; any other input may have any value. */
function declarationOf(name: string, declaration: Yaml): InputDeclaration {
  const facts = isMap(declaration) ? declaration : new Map<Yaml, Yaml>()
  const options = facts.get('options')
  if (isList(options)) return { name, values: options.map(asJson) }
  return { name, values: facts.get('type') === 'boolean' ? [true, false] : undefined }
}
