import type { Expression } from '../../condition/index.js'
import { withValue } from '../../condition/substitute.js'
import type { JobDocument, PipelineDocument } from '../../gitlab/document.js'
import type { KindGraph } from '../../graph/kinds.js'
import type { Found, IssueFacts } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { givenInChild } from '../include/children.js'
import type { WholePipeline } from '../include/whole.js'

/** A project's own pipeline, and the one that one of its jobs starts as its child. */
export interface Family {
  readonly parent: WholePipeline
  /** The job of the parent that should start the child. */
  readonly starter: string
  readonly child: PipelineDocument
  /** The path of the child's file, and whether another path means that file. */
  readonly file: string
  readonly isChild: (path: string) => boolean
  readonly kinds: readonly ChildKind[]
  /** Variables that jobs with credentials allow. */
  readonly allowed: readonly string[]
  /** The facts about the child. */
  readonly facts: ReleaseFacts
}

interface ChildKind {
  readonly kind: string
  readonly condition: Expression
  readonly publishes: boolean
}

/** The parent's side of a family. */
export interface Started {
  readonly document: PipelineDocument
  readonly graphs: readonly KindGraph[]
  readonly starter: string
  readonly job: JobDocument
}

/** A child's condition with the values that every child pipeline has. */
export function inChild(condition: Expression): Expression {
  return Object.entries(givenInChild).reduce((all, [name, value]) => withValue(all, name, value), condition)
}

/** At the line of a job of the parent. */
export function at({ parent }: Pick<Family, 'parent'>, job: string, facts: IssueFacts): readonly Found[] {
  return [{ job: undefined, facts, source: parent.places.get(job) }]
}
