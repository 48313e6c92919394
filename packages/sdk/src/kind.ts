import { isVariableName } from '@stagegate/schema'
import type { Construct as Scope } from 'constructs'
import { Condition } from './condition/index.js'
import { Construct } from './construct.js'
import { text } from './form/keyword.js'
import { authorKeys, fields } from './form/keyword-forms.js'
import { anything, instanceOf } from './form/props.js'
import { anyKind } from './issue/words.js'

export interface PipelineKindProps {
  /** When a pipeline has this kind. Kinds are tried in the order of their creation; the first match wins. */
  readonly when: Condition
  /** @default the group `version` of the tag's expression */
  readonly version?: { readonly variable: string } | undefined
  /** Variables that differ between kinds: `{ EDITION: 'ee' }`. Every job of the kind has them. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /** A sentence for RELEASING.md. */
  readonly describe?: string | undefined
}

/** Names and values of variables are judged where they are known to be a kind's. */
const form = fields<PipelineKindProps>(
  {
    when: instanceOf(Condition),
    version: fields<{ readonly variable: string }>({ variable: text }, 'variable'),
    variables: authorKeys(anything),
    describe: text,
  },
  'when',
)

/** A named reason for a pipeline to exist: a release, a nightly build, a branch. A pipeline has one kind, or does not exist. */
export class PipelineKind extends Construct {
  readonly props: PipelineKindProps

  constructor(scope: Scope, id: string, props: PipelineKindProps) {
    super(scope, id, new.target)
    this.checkProps(props, form)
    this.props = props
    for (const { message } of props.when.problems) this.report({ code: 'kinds/condition', kind: id, problem: message })
    const { openEnds, expression } = props.when
    if (openEnds.length > 0 && props.version === undefined) this.report({ code: 'kinds/unanchored', kind: id, expression, ends: openEnds })
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(id) || reserved.includes(id)) this.report({ code: 'kinds/name', kind: id })
    for (const [variable, problem] of variableProblems(props)) this.report({ code: 'kinds/variable', kind: id, variable, problem })
  }

  /** The source of this kind's version, for the plan. */
  get version(): { readonly tag: string } | { readonly variable: string } | null {
    const pattern = this.props.when.versionPattern
    return this.props.version ?? (pattern === undefined ? null : { tag: pattern })
  }
}

/** The kind of a pipeline whose ref matches a publishing kind but is not protected. Its one job says so and fails. */
export const refusedKind = 'refused'
/** The kinds are keys of the plan, where JavaScript's own names would be swallowed; `any` is that of pipelines without kinds. */
const reserved = [refusedKind, anyKind, 'constructor', 'prototype']

function variableProblems({ variables = {}, version }: PipelineKindProps): readonly (readonly [variable: string, problem: string])[] {
  const names = [...Object.keys(variables), ...(version === undefined ? [] : [version.variable])]
  return [
    ...names.filter((name) => !isVariableName(name)).map((name) => [name, 'which is not a variable name'] as const),
    ...Object.keys(variables)
      .filter((name) => name.startsWith('STAGEGATE_'))
      .map((name) => [name, 'and such names are reserved for Stagegate'] as const),
    ...Object.entries(variables)
      .filter(([, value]) => typeof value !== 'string')
      .map(([name]) => [name, 'whose value is not text'] as const),
  ]
}

export type OneOrMany<T> = T | readonly T[]

export function many<T>(value: OneOrMany<T> | undefined): readonly T[] {
  if (value === undefined) return []
  // `readonly` arrays are not narrowed by Array.isArray.
  return Array.isArray(value) ? value : [value as T]
}
