import type { PipelineDocument } from '../../gitlab/document.js'
import { type GraphOptions, type KindGraph, kindGraphs } from '../../graph/kinds.js'

/** The facts about every pipeline of a document that follow from how it is started. */
export interface Start extends Required<Pick<GraphOptions, 'given' | 'holds'>> {
  /** Whether the pipeline exists only after a person clicked, after everything that has to come first. */
  readonly clicked: boolean
}

/** Nothing is known: anything can start it. */
export const anyStart: Start = { given: {}, holds: [], clicked: false }

export function graphsAt(document: PipelineDocument, start: Start): readonly KindGraph[] {
  return start === anyStart ? kindGraphs(document) : kindGraphs(document, { given: start.given, holds: start.holds })
}
