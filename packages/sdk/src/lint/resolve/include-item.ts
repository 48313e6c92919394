import { type Finding, type Path, Refused } from '../finding.js'
import { includeRules, isIntegrity } from '../keyword/include-rules.js'
import { Place } from '../place.js'
import type { RuleId } from '../rule.js'
import { isBlank, isList, isMap, isText, rubyText, type Yaml, type YamlMap } from '../value.js'

const kinds = ['local', 'project', 'remote', 'template', 'artifact', 'component']

export interface IncludeItem {
  readonly kind: string
  /** As it is written. */
  readonly at: string
  readonly inputs: Yaml
  /** Whether it depends on rules. */
  readonly conditional: boolean
}

type Refuse = (rule: RuleId, code: string, problem: string) => Refused

/** A path whose ending is unknown, because of a variable, or that matches several files. */
const isOpenPath = (path: string): boolean => /[$*]/.test(path)
/** @see lib/gitlab/ci/config/external/file/base.rb of GitLab */
export const isYamlFile = (path: string): boolean => /[^/]\.ya?ml$/i.test(path)

/**
 * Reads one entry of `include`.
 * @throws {Refused} for an entry that GitLab does not accept
 */
export function checkInclude(item: Yaml, path: Path): IncludeItem {
  const refuse: Refuse = (rule, code, problem) => new Refused(rule, code, `\`include\` ${problem}`, { path })
  if (isText(item)) return checked(new Map([[isUrl(item) ? 'remote' : 'local', item]]), refuse)
  if (!isMap(item)) throw refuse('K1', 'include', 'should be a list of paths and mappings')
  checkRules(item.get('rules') ?? null, path)
  return checked(item, refuse)
}

function checked(item: YamlMap, refuse: Refuse): IncludeItem {
  const kind = kindOf(item, refuse)
  const at = rubyText(item.get(kind) ?? null)
  checkLocation(item, { kind, at }, refuse)
  checkRemoteOnly(item, kind, refuse)
  return {
    kind,
    at: kind === 'project' ? `${at}: ${rubyText(item.get('file') ?? null)}` : at,
    inputs: item.get('inputs') ?? null,
    conditional: item.has('rules'),
  }
}

function kindOf(item: YamlMap, refuse: Refuse): string {
  const present = kinds.filter((kind) => !isBlank(item.get(kind)))
  const [kind] = present
  if (kind === undefined) throw refuse('K1', 'include-kind', `needs one of ${kinds.join(', ')}`)
  if (present.length > 1) throw refuse('K1', 'include-kinds', `has ${present.join(' and ')}, which cannot be combined`)
  return kind
}

function checkLocation(item: YamlMap, { kind, at }: Pick<IncludeItem, 'kind' | 'at'>, refuse: Refuse): void {
  if (isList(item.get(kind)) || isMap(item.get(kind))) throw refuse('K1', 'include-location', `has a \`${kind}\` that is not a string`)
  if (kind === 'remote' && !isUrl(at) && !at.includes('$')) throw refuse('K3', 'include-remote', `names ${at}, which is not a URL`)
  if (kind === 'template' && !at.endsWith('.gitlab-ci.yml') && !at.includes('$'))
    throw refuse('K3', 'include-template', `names the template ${at}, which does not end with .gitlab-ci.yml`)
  if (kind === 'component' && (!isText(item.get(kind)) || isBlank(item.get(kind))))
    throw refuse('K1', 'include-component', 'needs the address of a component, such as `host/project/name@version`')
  if (kind === 'local' && at.split('/').includes('..'))
    throw refuse('K2', 'include-outside', `names ${at}: GitLab finds no file by a path with \`..\``)
  for (const file of filesOf(item, kind, refuse))
    if (!isYamlFile(file) && !isOpenPath(file))
      throw refuse('K2', 'include-extension', `names ${file}, which does not end with .yml or .yaml`)
}

/** The paths that have to be YAML files. */
function filesOf(item: YamlMap, kind: string, refuse: Refuse): readonly string[] {
  if (kind === 'local' || kind === 'remote') return [rubyText(item.get(kind) ?? null)]
  if (kind !== 'project') return []
  const files = item.get('file') ?? null
  if (isBlank(files)) throw refuse('K1', 'include-file', 'has a `project` but no `file`')
  return (isList(files) ? files : [files]).map(rubyText)
}

function checkRules(rules: Yaml, path: Path): void {
  if (rules === null) return
  const found: Finding[] = []
  includeRules(rules, new Place(found, undefined, { path: [...path, 'rules'] }))
  const [first] = found
  if (first !== undefined) throw new Refused(first.rule, first.code.replace('gitlab/', ''), first.message, { path: first.path })
}

function checkRemoteOnly(item: YamlMap, kind: string, refuse: Refuse): void {
  const [integrity, cache] = [item.get('integrity') ?? null, item.get('cache') ?? null]
  for (const [key, value] of Object.entries({ integrity, cache })) {
    if (value !== null && kind !== 'remote') throw refuse('K5', `include-${key}`, `has \`${key}\` without \`remote\``)
  }
  if (integrity !== null && !isIntegrity(integrity))
    throw refuse('K5', 'include-integrity', 'has an `integrity` that is not sha256- and a base64 hash')
}

const isUrl = (text: string): boolean => /^https?:\/\/\S+$/.test(text)
