import { type Path, Refused } from '../finding.js'
import { isMap, isText, shown, type Yaml, type YamlMap } from '../value.js'

const kinds = ['local', 'project', 'remote', 'template', 'artifact', 'component']

export interface IncludeItem {
  readonly kind: string
  /** As it is written. */
  readonly at: string
  readonly inputs: Yaml
  /** Whether it depends on rules. */
  readonly conditional: boolean
}

/**
 * One file to include, or several of a project.
 * @throws {Refused} for what GitLab does not take
 */
export function checkInclude(item: Yaml, path: Path): IncludeItem {
  const refuse = (rule: string, code: string, ours: string, gitlab?: string): Refused =>
    new Refused(rule, code, `\`include\` ${ours}`, { path, ...(gitlab !== undefined && { gitlab }) })
  if (isText(item)) return checked(new Map([[isUrl(item) ? 'remote' : 'local', item]]), refuse)
  if (!isMap(item)) throw refuse('K1', 'include', 'should hold paths and mappings', 'Each include must be a hash or a string')
  return checked(item, refuse)
}

type Refuse = (rule: string, code: string, ours: string, gitlab?: string) => Refused

function checked(item: YamlMap, refuse: Refuse): IncludeItem {
  const present = kinds.filter((kind) => item.has(kind))
  const list = kinds.map((kind) => `\`${kind}\``).join(', ')
  const [kind] = present
  if (kind === undefined)
    throw refuse(
      'K1',
      'include-kind',
      `needs one of ${kinds.join(', ')}`,
      `\`${shown(item)}\` does not have a valid subkey for include. Valid subkeys are: ${list}`,
    )
  if (present.length > 1)
    throw refuse(
      'K1',
      'include-kinds',
      `has ${present.join(' and ')}, which exclude each other`,
      `Each include must use only one of: ${list}`,
    )
  const at = shown(item.get(kind) ?? null)
  if (kind === 'local' && !/\.ya?ml$/.test(at))
    throw refuse(
      'K2',
      'include-extension',
      `names ${at}, which does not end with .yml or .yaml`,
      `Included file \`${at}\` does not have YAML extension!`,
    )
  if (kind === 'remote' && !isUrl(at))
    throw refuse('K3', 'include-remote', `names ${at}, which is no URL`, `Remote file \`${at}\` does not have a valid address!`)
  if (kind === 'template' && !at.endsWith('.gitlab-ci.yml'))
    throw refuse(
      'K3',
      'include-template',
      `names the template ${at}, which does not end with .gitlab-ci.yml`,
      `Template file \`${at}\` is not a valid location!`,
    )
  checkRules(item.get('rules') ?? null, refuse)
  checkRemoteOnly(item, kind, refuse)
  return {
    kind,
    at: kind === 'project' ? `${at}: ${shown(item.get('file') ?? null)}` : at,
    inputs: item.get('inputs') ?? null,
    conditional: item.has('rules'),
  }
}

function checkRules(rules: Yaml, refuse: Refuse): void {
  for (const rule of Array.isArray(rules) ? rules : []) {
    if (!isMap(rule)) continue
    const unknown = [...rule.keys()].map(shown).filter((key) => !['if', 'exists', 'when', 'changes'].includes(key))
    if (unknown.length > 0)
      throw refuse(
        'K4',
        'include-rule-unknown-key',
        `has ${unknown.join(', ')} in a rule, which is not possible here`,
        `include:rule config contains unknown keys: ${unknown.join(', ')}`,
      )
    const when = rule.get('when') ?? null
    if (when !== null && when !== 'never' && when !== 'always')
      throw refuse(
        'K4',
        'include-rule-when',
        `has \`when: ${shown(when)}\` in a rule: never and always are possible`,
        `include:rule when unknown value: ${shown(when)}`.toLowerCase(),
      )
  }
}

function checkRemoteOnly(item: YamlMap, kind: string, refuse: Refuse): void {
  const [integrity, cache] = [item.get('integrity') ?? null, item.get('cache') ?? null]
  for (const [key, value] of Object.entries({ integrity, cache })) {
    if (value !== null && kind !== 'remote') throw refuse('K5', `include-${key}`, `has \`${key}\` without \`remote\``)
  }
  if (integrity !== null && !/^sha256-[A-Za-z0-9+/]+=*$/.test(shown(integrity)))
    throw refuse('K5', 'include-integrity', 'has an `integrity` that is not sha256- and a hash in base64')
}

const isUrl = (text: string): boolean => /^https?:\/\/\S+$/.test(text)
