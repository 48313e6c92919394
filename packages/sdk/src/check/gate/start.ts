import type { PipelineDocument } from '../../gitlab/document.js'
import { type GraphOptions, type KindGraph, kindGraphs } from '../../graph/kinds.js'

/** The facts that are known of every pipeline of a document by the way in which it is started. */
export interface Start extends Required<Pick<GraphOptions, 'given' | 'holds'>> {
  /** Whether a person has clicked, after everything that has to come before, for the pipeline to exist. */
  readonly clicked: boolean
}

/** Nothing is known: it can be started by anything. */
export const anyStart: Start = { given: {}, holds: [], clicked: false }

export function graphsAt(document: PipelineDocument, start: Start): readonly KindGraph[] {
  return start === anyStart ? kindGraphs(document) : kindGraphs(document, { given: start.given, holds: start.holds })
}
