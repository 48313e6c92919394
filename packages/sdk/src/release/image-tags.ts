import { type Flavour, flavoured, isFlavour, isImageTag, type PlannedTag } from '@stagegate/schema'
import { oneOf, text } from '../form/keyword.js'
import { byKey, either, fields, oneOrMany } from '../form/keyword-forms.js'
import { neverUndefined } from '../form/props.js'
import { pipelineKind } from '../keyword/rules.js'
import type { OneOrMany, PipelineKind } from '../kind.js'

/**
 * A tag that publishing sets. `version` is the exact version and never moves. The others move, and only forward: `latest`
 * and names of your own stay at the newest version, `major` (`16`) and `minor` (`16.2`) at the newest of their line.
 *
 * Flavours are targets with the same `name` whose tags have a prefix or a suffix each; a version is compared only with those of its
 * flavour. An empty prefix or suffix is the same as none.
 *
 * @example
 * new ContainerImage(release, 'alpine', {
 *   name: 'runner',
 *   tags: [{ version: { prefix: 'alpine-v' } }, { moving: 'latest', prefix: 'alpine-' }], // alpine-v16.2.0, alpine-latest
 *   build,
 * })
 */
export type TagRule = 'version' | VersionTag | MovingTag

export interface VersionTag {
  readonly version: Flavour
}

export interface MovingTag extends Flavour {
  readonly moving: 'latest' | 'major' | 'minor' | (string & {})
  /** @default the kinds in which the image is published */
  readonly on?: OneOrMany<PipelineKind>
}

const affixes = { prefix: neverUndefined(text), suffix: neverUndefined(text) }
export const tagRule = either<VersionTag | MovingTag, 'version'>(
  (value): value is VersionTag | MovingTag => typeof value !== 'string',
  byKey<VersionTag | MovingTag>({
    version: fields<VersionTag>({ version: fields<Flavour>(affixes) }, 'version'),
    moving: fields<MovingTag>({ moving: text, ...affixes, on: neverUndefined(oneOrMany(pipelineKind)) }, 'moving'),
  }),
  oneOf('version'),
)

export function isVersion(rule: TagRule): rule is 'version' | VersionTag {
  return rule === 'version' || 'version' in rule
}

export function flavourOf(tags: readonly TagRule[] = []): Flavour {
  const rule = tags.find(isVersion)
  return rule === undefined || rule === 'version' ? {} : affixesOf(rule.version)
}

/** The rule's tag, with a placeholder for the version. */
export function nameOf(rule: TagRule): string {
  if (rule === 'version') return 'VERSION'
  return 'version' in rule ? flavoured('VERSION', rule.version) : flavoured(rule.moving, rule)
}

function isSound(rule: TagRule): boolean {
  if (rule === 'version') return true
  if ('version' in rule) return isFlavour(affixesOf(rule.version))
  const { moving } = rule
  const isWord = isImageTag(moving) && moving !== 'version' && !/^v?\d/.test(moving)
  return isWord && isFlavour(affixesOf(rule))
}

/** Tags that no registry accepts, that could be mistaken for a version, or that are a second version. */
export function wrongTags(rules: readonly TagRule[]): readonly { readonly tag: string; readonly is: 'version' | 'moving' | 'second' }[] {
  const wrong = rules
    .filter((rule) => !isSound(rule))
    .map((rule) => ({ tag: nameOf(rule), is: isVersion(rule) ? 'version' : 'moving' }) as const)
  const [, second] = rules.filter(isVersion)
  return second === undefined ? wrong : [...wrong, { tag: nameOf(second), is: 'second' }]
}

/** The rule in the plan's form. */
export function plannedTag(rule: TagRule, kinds: readonly PipelineKind[]): PlannedTag {
  const name = isVersion(rule) ? 'version' : rule.moving
  return { name, kinds: kinds.map(({ label }) => label), ...affixesOf(isVersion(rule) ? flavourOf([rule]) : rule) }
}

/** An empty text means none, for the plain image in a table of flavours. */
function affixesOf({ prefix, suffix }: Flavour): Flavour {
  return { ...(prefix && { prefix }), ...(suffix && { suffix }) }
}
