import { type Finding, Refused } from '../finding.js'
import { type FilledFile, headerOf } from '../header/header.js'
import type { ReadInputs } from '../header/shared-inputs.js'
import type { Limits } from '../limits.js'
import { Place } from '../place.js'
import { isList, isMap, rubyText, type Yaml, type YamlMap } from '../value.js'
import { lineFinder } from '../yaml/lines.js'
import { type Loaded, loadYaml } from '../yaml/load.js'
import { checkInclude, type IncludeItem, isYamlFile } from './include-item.js'
import { deepMerge } from './merge.js'

export interface ReadLocal {
  /** The text of a file of the project, by its path from the project's folder; `undefined` if it does not exist. */
  (path: string): string | undefined
  /** The paths of all files of the project, for includes with wildcards. Without it those count as not read. */
  readonly list?: () => readonly string[]
}

export interface IncludeOptions {
  readonly readLocal?: ReadLocal | undefined
  /**
   * The local files to merge among those with rules of their own; the others are left out. Without it none of them is merged, and each
   * counts as not read.
   */
  readonly taken?: ReadonlySet<string> | undefined
}

export interface Included {
  readonly root: YamlMap
  readonly unread: readonly string[]
  readonly read: readonly ReadFile[]
  /** Local files that could be read and are included under rules. */
  readonly conditional: readonly string[]
  /** The inputs that are passed to files, read or not. */
  readonly handed: readonly Yaml[]
}

/** A local file that was read. */
export interface ReadFile {
  /** From the project's folder. */
  readonly path: string
  readonly text: string
  /** The memory that it takes in GitLab. */
  readonly bytes: number
  /** The line of each of its keywords and jobs. */
  readonly lines: ReadonlyMap<string, number>
}

/**
 * Merges the included files that can be read into the document. The document's own keywords come last and win.
 * @throws {Refused} for an include that GitLab does not accept
 */
export function resolveIncludes(root: YamlMap, limits: Limits, { readLocal, taken }: IncludeOptions): Included {
  const unread = new Set<string>()
  const conditional = new Set<string>()
  const handed: Yaml[] = []
  const read = new Map<string, ReadFile>()
  let count = 0
  const expand = (content: YamlMap): YamlMap => {
    const value = content.get('include') ?? null
    if (value === null) return content
    let merged: YamlMap = new Map()
    for (const [index, item] of (isList(value) ? value : [value]).entries()) {
      if (item === null) continue
      const include = checkInclude(item, isList(value) ? ['include', index] : ['include'])
      count += 1
      if (include.inputs !== null) handed.push(include.inputs)
      if (count > limits.includes)
        throw new Refused('K3', 'include-limit', `more than ${limits.includes} files are included`, { path: ['include'] })
      const paths = readLocal === undefined ? undefined : pathsOf(include, readLocal)
      if (readLocal === undefined || paths === undefined || (include.conditional && taken === undefined)) {
        unread.add(include.at)
        if (paths !== undefined && include.conditional) conditional.add(include.at)
        continue
      }
      if (include.conditional && taken?.has(include.at) !== true) continue
      if (paths.length === 0 && !isList(value))
        throw new Refused('K1', 'include-none', `\`include\` names ${include.at}, which no file matches: put it into a list`, {
          path: ['include'],
        })
      for (const path of paths) {
        const { content: own, unread: others, ...file } = fileContent(path, include.inputs, limits, readLocal)
        for (const one of others) unread.add(one)
        read.set(file.path, file)
        merged = deepMerge(merged, expand(own))
      }
    }
    return deepMerge(merged, new Map([...content].filter(([key]) => key !== 'include')))
  }
  return { root: expand(root), unread: [...unread], read: [...read.values()], conditional: [...conditional], handed }
}

/** The files that an include names, if they are known: a variable in a path can be anything. */
function pathsOf({ kind, at }: IncludeItem, { list }: ReadLocal): readonly string[] | undefined {
  if (kind !== 'local' || at.includes('$')) return undefined
  if (!at.includes('*')) return [at]
  return list === undefined
    ? undefined
    : list()
        .filter((path) => wildcard(at).test(path))
        .toSorted()
}

/** @see lib/gitlab/ci/config/external/mapper/location_expander.rb of GitLab */
function wildcard(at: string): RegExp {
  const escaped = at.replace(/^\/+/, '').replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('**', '\0').replaceAll('*', '[^/]*').replaceAll('\0', '.*')}$`)
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

/** Reads the inputs that a header takes from other files. */
export function inputReader(limits: Limits, readLocal: ReadLocal | undefined): ReadInputs | undefined {
  return readLocal === undefined
    ? undefined
    : (path) => {
        const text = readLocal(path)
        return text === undefined ? undefined : readable(path, text, limits).content
      }
}

interface Content extends ReadFile, Pick<FilledFile, 'content' | 'unread'> {}

function fileContent(at: string, inputs: Yaml, limits: Limits, readLocal: ReadLocal): Content {
  const path = at.replace(/^\/+/, '')
  const text = readLocal(path)
  const refuse = (code: string, problem: string): Refused =>
    new Refused('K2', code, `the included file ${at} ${problem}`, { path: ['include'] })
  // GitLab includes every file that matches a wildcard.
  if (!isYamlFile(path)) throw refuse('include-extension', 'does not end with .yml or .yaml')
  if (text === undefined) throw refuse('include-missing', 'does not exist')
  if (text.trim() === '') throw refuse('include-empty', 'is empty')
  const found: Finding[] = []
  const given = isMap(inputs) ? Object.fromEntries([...inputs].map(([key, value]) => [rubyText(key), value])) : {}
  const loaded = readable(at, text, limits)
  const { content, unread } = headerOf(loaded, { inputs: given, readInputs: inputReader(limits, readLocal) }, new Place(found, limits))
  const [first] = found
  if (first !== undefined)
    throw new Refused(first.rule, first.code.replace('gitlab/', ''), `in the included file ${at}: ${first.message}`, { path: ['include'] })
  if (content.size === 0) throw refuse('include-empty', 'is empty')
  const lineOf = lineFinder(loaded.trees)
  // A key with an interpolated input cannot be found in the text, so its line is unknown: use the first.
  return {
    path,
    text,
    bytes: loaded.bytes,
    content,
    unread,
    lines: new Map([...content.keys()].map((key) => [rubyText(key), lineOf([rubyText(key)]) ?? 1])),
  }
}
