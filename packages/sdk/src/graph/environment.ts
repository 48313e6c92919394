import { isObject, type JobDocument, text } from '../gitlab/document.js'
import { expansionsOf } from './expansion.js'
import type { KindGraph, KindJob } from './kinds.js'

export function environmentOf(job: JobDocument): string | undefined {
  const { environment } = job
  return isObject(environment) ? text(environment['name']) : text(environment)
}

/** The possible names of a job's environment. */
export function environmentsOf(job: KindJob, graph: Pick<KindGraph, 'variables'>): readonly string[] {
  const name = environmentOf(job.document)
  return name === undefined ? [] : expansionsOf(name, job, graph)
}
