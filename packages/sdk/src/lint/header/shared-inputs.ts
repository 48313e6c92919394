import type { Place } from '../place.js'
import { isList, isMap, isText, rubyText, type Yaml, type YamlMap } from '../value.js'
import { inputs as checkInputs } from './spec.js'

/** The content of a local file with inputs; `undefined` if the file does not exist. */
export type ReadInputs = (path: string) => YamlMap | undefined

/** The inputs of a header and of the files that it includes inputs from. Its own come first. */
export function sharedInputs(
  header: YamlMap,
  read: ReadInputs | undefined,
  place: Place,
): { readonly declared: YamlMap; readonly unread: readonly string[] } {
  const spec = header.get('spec')
  const include = (isMap(spec) ? spec.get('include') : undefined) ?? null
  const unread: string[] = []
  let shared: YamlMap = new Map()
  for (const item of isList(include) ? include : include === null ? [] : [include]) {
    const path = localPath(item)
    if (path === undefined || read === undefined) {
      unread.push(isMap(item) ? [...item.values()].map(rubyText).join(': ') : rubyText(item))
      continue
    }
    const content = read(path.replace(/^\/+/, ''))
    const at = place.at('spec').at('include')
    if (content === undefined) at.fail('K6', 'spec-include-missing', `names ${path}, which does not exist`)
    else shared = new Map([...shared, ...inputsIn(content, at)])
  }
  return { declared: new Map([...shared, ...inputsOf(spec)]), unread }
}

/** A path with a variable can be anything. */
function localPath(item: Yaml): string | undefined {
  const path = isMap(item) ? item.get('local') : item
  return isText(path) && !/[$*]|^https?:/.test(path) ? path : undefined
}

function inputsIn(content: YamlMap, place: Place): YamlMap {
  const own = content.get('inputs') ?? null
  if (own !== null) checkInputs(own, place)
  return inputsOf(content)
}

function inputsOf(holder: Yaml | undefined): YamlMap {
  const own = isMap(holder) ? holder.get('inputs') : undefined
  return isMap(own) ? own : new Map()
}
