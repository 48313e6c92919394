import type { Construct as Scope } from 'constructs'
import type { Condition } from './condition/index.js'
import { Construct } from './construct.js'

export interface PipelineKindProps {
  /** When a pipeline is of this kind. Kinds are tried in the order in which they are made; the first match wins. */
  readonly when: Condition
  /** @default the group `version` of the tag's expression */
  readonly version?: { readonly variable: string } | undefined
  /** What differs between kinds: `{ EDITION: 'ee' }`. Every job of the kind has these variables. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /** A sentence for RELEASING.md. */
  readonly describe?: string | undefined
}

/** A named reason for a pipeline to exist: a release, a nightly build, a branch. A pipeline is of one kind, or does not exist. */
export class PipelineKind extends Construct {
  readonly props: PipelineKindProps

  constructor(scope: Scope, id: string, props: PipelineKindProps) {
    super(scope, id, new.target)
    this.props = props
    for (const { message } of props.when.problems) this.report({ code: 'kinds/condition', kind: id, problem: message })
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(id) || id === refusedKind) this.report({ code: 'kinds/name', kind: id })
  }

  /** What the plan says of this kind's version. */
  get version(): { readonly tag: string } | { readonly variable: string } | null {
    const pattern = this.props.when.versionPattern
    return this.props.version ?? (pattern === undefined ? null : { tag: pattern })
  }
}

/** The kind of a pipeline whose ref matches a publishing kind but is not protected. Its one job says so and fails. */
export const refusedKind = 'refused'
/** The variable that holds a pipeline's kind. Prefixed, since forwarded variables could clash downstream. */
export const kindVariable = 'STAGEGATE_KIND'

export type OneOrMany<T> = T | readonly T[]

export function many<T>(value: OneOrMany<T> | undefined): readonly T[] {
  if (value === undefined) return []
  // `readonly` arrays are not narrowed by Array.isArray.
  return Array.isArray(value) ? value : [value as T]
}
