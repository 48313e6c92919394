import type { DeploymentRecord, Problem } from '@stagegate/schema'
import { tellListener } from '../contract/listener.js'

/** How the pipeline of a deployment was found: started just now, recorded earlier, found by its name, or named by a person. */
export type PipelineKnownBy = 'answered' | 'recorded' | 'found' | 'said'

/** The events of a deployment on another GitLab. */
export type DeployHappening =
  /** A pipeline is about to be started. */
  | { readonly event: 'starting' }
  | { readonly event: 'known'; readonly how: PipelineKnownBy }
  /** Its status has changed. */
  | { readonly event: 'status' }
  /** Something failed, and is tried again. */
  | { readonly event: 'trouble'; readonly because: Problem }

/** An event of a deployment on another GitLab, with everything that is known by then. */
export type DeployEvent = DeployHappening & { readonly record: DeploymentRecord }

/** Keeps the record up to date, and reports each change to the listener. */
export class DeploymentJournal {
  #record: DeploymentRecord
  readonly #listener: ((event: DeployEvent) => void) | undefined

  constructor(record: DeploymentRecord, listener: ((event: DeployEvent) => void) | undefined) {
    this.#record = record
    this.#listener = listener
  }

  get record(): DeploymentRecord {
    return this.#record
  }

  update(news: Partial<Pick<DeploymentRecord, 'key' | 'pipeline'>>): void {
    this.#record = { ...this.#record, ...news }
  }

  report(happening: DeployHappening, news: Partial<Pick<DeploymentRecord, 'key' | 'pipeline'>> = {}): void {
    this.update(news)
    tellListener(() => this.#listener?.({ ...happening, record: this.#record }))
  }
}
