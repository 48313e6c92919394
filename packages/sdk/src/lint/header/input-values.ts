import { evaluate, parse, variablesIn } from '../../condition/index.js'
import { blocksIn } from '../blocks.js'
import { inputValue } from '../input.js'
import { withInputs } from '../keyword/expression.js'
import type { Place } from '../place.js'
import { isBlank, isList, isMap, isText, rubyText, type Yaml, type YamlMap } from '../value.js'
import { openValue } from './interpolation.js'

type Values = ReadonlyMap<string, Yaml>

/**
 * The value of each input: the given one, or its default.
 * @param complete whether all files with inputs were read; other files may declare inputs that are given
 */
export function inputValues(declared: YamlMap, given: Values, place: Place, complete: boolean): Values {
  const values = new Map<string, Yaml>()
  // Inputs with rules depend on the others.
  const sorted = [...declared].toSorted(([, one], [, other]) => Number(hasRules(one)) - Number(hasRules(other)))
  for (const [key, declaration] of sorted) {
    const name = rubyText(key)
    values.set(name, valueFor(name, factsFor(declaration, values), given, place.at('spec').at('inputs').at(name)))
  }
  if (complete && [...given.keys()].some((name) => !declared.has(name))) unknownInputs(place)
  return new Map([...declared.keys()].map((key) => [rubyText(key), values.get(rubyText(key)) ?? null]))
}

/** `undecided`: a rule that cannot be evaluated here. */
type Facts = YamlMap | 'undecided'

function valueFor(name: string, facts: Facts, given: Values, place: Place): Yaml {
  if (facts === 'undecided') return given.get(name) ?? openValue(name)
  const value = given.get(name) ?? facts.get('default') ?? null
  if (given.has(name) || facts.has('default'))
    return inputValue({ rule: 'K7', value, from: given.has(name) ? 'provided' : 'default' }, facts, place)
  place.fail('K7', 'input-required', 'has no default, and no value is given')
  return value
}

const hasRules = (declaration: Yaml): boolean => isMap(declaration) && isList(declaration.get('rules'))

/** The declaration of an input, with the default and the options of its first matching rule. */
function factsFor(declaration: Yaml, values: Values): Facts {
  const facts: YamlMap = isMap(declaration) ? declaration : new Map()
  const rules = facts.get('rules')
  if (!isList(rules)) return facts
  for (const rule of rules.filter(isMap)) {
    const holds = isBlank(rule.get('if')) || isTrue(rule.get('if') ?? null, values)
    if (holds === undefined) return 'undecided'
    if (holds) return new Map([...facts, ...rule])
  }
  return facts
}

/** `undefined` if an input that it reads is not a text. */
function isTrue(condition: Yaml, values: Values): boolean | undefined {
  if (!isText(condition)) return undefined
  const texts = blocksIn(condition)
    .filter((_, index) => index % 2 === 1)
    .map((block) => values.get(block.replace(/^inputs\./, '')))
  const parsed = parse(withInputs(condition, (index) => `$INPUT${index}`))
  // A variable of the pipeline can have any value.
  if (!parsed.ok || !variablesIn(parsed.expression).every((name) => /^INPUT\d+$/.test(name))) return undefined
  if (!texts.every((text) => isText(text) && !text.includes('$[['))) return undefined
  return evaluate(parsed.expression, Object.fromEntries(texts.map((text, index) => [`INPUT${index}`, rubyText(text ?? null)])))
}

export function unknownInputs(place: Place): void {
  place.fail('K7', 'input-unknown', 'is given inputs that its `spec` does not declare')
}
