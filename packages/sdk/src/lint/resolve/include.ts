import { type Finding, Refused } from '../finding.js'
import { headerOf } from '../header/header.js'
import type { Limits } from '../limits.js'
import { Place } from '../place.js'
import { isList, isMap, rubyText, type Yaml, type YamlMap } from '../value.js'
import { lineFinder } from '../yaml/lines.js'
import { type Loaded, loadYaml } from '../yaml/load.js'
import { checkInclude } from './include-item.js'
import { deepMerge } from './merge.js'

export type ReadLocal = (path: string) => string | undefined

/** A local file that was read. */
export interface ReadFile {
  /** From the project's folder. */
  readonly path: string
  readonly text: string
  /** The line of each of its keywords and jobs. */
  readonly lines: ReadonlyMap<string, number>
}

/**
 * Merges the included files that can be read into the document. Its own keywords come last and win.
 * @throws {Refused} for an include that GitLab does not accept
 */
export function resolveIncludes(
  root: YamlMap,
  limits: Limits,
  readLocal: ReadLocal | undefined,
): { readonly root: YamlMap; readonly unread: readonly string[]; readonly read: readonly ReadFile[] } {
  const unread = new Set<string>()
  const read = new Map<string, ReadFile>()
  let count = 0
  const expand = (content: YamlMap): YamlMap => {
    const value = content.get('include') ?? null
    if (value === null) return content
    let merged: YamlMap = new Map()
    for (const [index, item] of (isList(value) ? value : [value]).entries()) {
      const include = checkInclude(item, isList(value) ? ['include', index] : ['include'])
      count += 1
      if (count > limits.includes)
        throw new Refused('K3', 'include-limit', `more than ${limits.includes} files are included`, { path: ['include'] })
      const isPlain = include.kind === 'local' && readLocal !== undefined && !include.conditional && !/[*$]/.test(include.at)
      if (!isPlain) {
        unread.add(include.at)
        continue
      }
      const { content: own, ...file } = fileContent(include.at, include.inputs, limits, readLocal)
      read.set(file.path, file)
      merged = deepMerge(merged, expand(own))
    }
    return deepMerge(merged, new Map([...content].filter(([key]) => key !== 'include')))
  }
  return { root: expand(root), unread: [...unread], read: [...read.values()] }
}

/** Loads a file; a YAML error names the file and the line. */
function readable(at: string, text: string, limits: Limits): Loaded {
  try {
    return loadYaml(text, limits)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { rule, code, message, line } = error.finding
    const place = line === undefined ? at : `${at}, line ${line}`
    throw new Refused(rule, code.replace('gitlab/', ''), `in the included file ${place}: ${message}`, { path: ['include'] })
  }
}

function fileContent(at: string, inputs: Yaml, limits: Limits, readLocal: ReadLocal): ReadFile & { readonly content: YamlMap } {
  const path = at.replace(/^\/+/, '')
  const text = readLocal(path)
  const refuse = (code: string, problem: string): Refused =>
    new Refused('K2', code, `the included file ${at} ${problem}`, { path: ['include'] })
  if (text === undefined) throw refuse('include-missing', 'does not exist')
  if (text.trim() === '') throw refuse('include-empty', 'is empty')
  const found: Finding[] = []
  const given = isMap(inputs) ? Object.fromEntries([...inputs].map(([key, value]) => [rubyText(key), value])) : {}
  const loaded = readable(at, text, limits)
  const { content } = headerOf(loaded, given, new Place(found, limits))
  const [first] = found
  if (first !== undefined)
    throw new Refused(first.rule, first.code.replace('gitlab/', ''), `in the included file ${at}: ${first.message}`, { path: ['include'] })
  const lineOf = lineFinder(text, loaded.trees)
  // A key with an interpolated input cannot be found in the text, so its line is unknown: use the first.
  return { path, text, content, lines: new Map([...content.keys()].map((key) => [rubyText(key), lineOf([rubyText(key)]) ?? 1])) }
}
