import { type Path, Refused } from '../finding.js'
import type { RuleId } from '../rule.js'
import { isMap, isText, rubyText, type Yaml, type YamlMap } from '../value.js'

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

/**
 * Reads one entry of `include`.
 * @throws {Refused} for an entry that GitLab does not accept
 */
export function checkInclude(item: Yaml, path: Path): IncludeItem {
  const refuse: Refuse = (rule, code, problem) => new Refused(rule, code, `\`include\` ${problem}`, { path })
  if (isText(item)) return checked(new Map([[isUrl(item) ? 'remote' : 'local', item]]), refuse)
  if (!isMap(item)) throw refuse('K1', 'include', 'should be a list of paths and mappings')
  return checked(item, refuse)
}

function checked(item: YamlMap, refuse: Refuse): IncludeItem {
  const kind = kindOf(item, refuse)
  const at = rubyText(item.get(kind) ?? null)
  if (kind === 'local' && !/\.ya?ml$/.test(at))
    throw refuse('K2', 'include-extension', `names ${at}, which does not end with .yml or .yaml`)
  if (kind === 'remote' && !isUrl(at)) throw refuse('K3', 'include-remote', `names ${at}, which is not a URL`)
  if (kind === 'template' && !at.endsWith('.gitlab-ci.yml'))
    throw refuse('K3', 'include-template', `names the template ${at}, which does not end with .gitlab-ci.yml`)
  checkRules(item.get('rules') ?? null, refuse)
  checkRemoteOnly(item, kind, refuse)
  return {
    kind,
    at: kind === 'project' ? `${at}: ${rubyText(item.get('file') ?? null)}` : at,
    inputs: item.get('inputs') ?? null,
    conditional: item.has('rules'),
  }
}

function kindOf(item: YamlMap, refuse: Refuse): string {
  const present = kinds.filter((kind) => item.has(kind))
  const [kind] = present
  if (kind === undefined) throw refuse('K1', 'include-kind', `needs one of ${kinds.join(', ')}`)
  if (present.length > 1) throw refuse('K1', 'include-kinds', `has ${present.join(' and ')}, which exclude each other`)
  return kind
}

function checkRules(rules: Yaml, refuse: Refuse): void {
  for (const rule of Array.isArray(rules) ? rules : []) {
    if (!isMap(rule)) continue
    const unknown = [...rule.keys()].map(rubyText).filter((key) => !['if', 'exists', 'when', 'changes'].includes(key))
    if (unknown.length > 0)
      throw refuse('K4', 'include-rule-unknown-key', `has ${unknown.join(', ')} in a rule, which is not possible here`)
    const when = rule.get('when') ?? null
    if (when !== null && when !== 'never' && when !== 'always')
      throw refuse('K4', 'include-rule-when', `has \`when: ${rubyText(when)}\` in a rule, where only never and always are possible`)
  }
}

function checkRemoteOnly(item: YamlMap, kind: string, refuse: Refuse): void {
  const [integrity, cache] = [item.get('integrity') ?? null, item.get('cache') ?? null]
  for (const [key, value] of Object.entries({ integrity, cache })) {
    if (value !== null && kind !== 'remote') throw refuse('K5', `include-${key}`, `has \`${key}\` without \`remote\``)
  }
  if (integrity !== null && !/^sha256-[A-Za-z0-9+/]+=*$/.test(rubyText(integrity)))
    throw refuse('K5', 'include-integrity', 'has an `integrity` that is not sha256- and a base64 hash')
}

const isUrl = (text: string): boolean => /^https?:\/\/\S+$/.test(text)
