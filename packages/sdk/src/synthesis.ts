import type { ReleasePlan } from '@stagegate/schema'
import type { PipelineEvent } from './condition/index.js'
import type { PipelineDocument } from './gitlab/document.js'
import { explainJob, type JobExplanation } from './graph/explain.js'
import { type JobFacts, type Pipeline, pipelineFor } from './graph/pipeline.js'
import type { Issue } from './report/issue.js'

export interface SynthesizedFile {
  /** From the project's folder. */
  readonly path: string
  readonly text: string
}

/** The result of synthesis: values only, nothing is written. */
export class Synthesis {
  /** The project's folder, from that of the author's file: the files are written there. */
  readonly root: string
  /** The pipeline, the plan and the runbook; empty while there is an error. */
  readonly files: readonly SynthesizedFile[]
  readonly plan: ReleasePlan
  readonly issues: readonly Issue[]
  /** As it is rendered, with each job whole, and without the files that it includes. */
  readonly document: PipelineDocument
  /** As GitLab reads it: with the jobs of the local files that it includes, where they were read. */
  readonly whole: PipelineDocument
  readonly #facts: ReadonlyMap<string, JobFacts>
  readonly #given: Readonly<Record<string, string>>

  constructor(parts: {
    root: string
    files: readonly SynthesizedFile[]
    plan: ReleasePlan
    issues: readonly Issue[]
    document: PipelineDocument
    whole: PipelineDocument
    facts: ReadonlyMap<string, JobFacts>
    /** Variables of GitLab's own that have one value in every such pipeline, whatever the event. */
    given: Readonly<Record<string, string>>
  }) {
    this.root = parts.root
    this.files = parts.files
    this.plan = parts.plan
    this.issues = parts.issues
    this.document = parts.document
    this.whole = parts.whole
    this.#facts = parts.facts
    this.#given = parts.given
  }

  /** True when there is no error. */
  get ok(): boolean {
    return this.issues.every(({ severity }) => severity !== 'error')
  }

  /** In which kinds a job exists, by which rules, and what it needs there; all `never` where there is no such job. */
  explain(job: string): readonly JobExplanation[] {
    return explainJob(this.whole, job)
  }

  /** The author's line of a job, and the variables of its credentials. */
  factsOf(job: string): JobFacts | undefined {
    return this.#facts.get(job)
  }

  /** The jobs that would run for this event or wait for a click, and why. Tests, `explain` and the runbook ask this. */
  pipeline(event: PipelineEvent): Pipeline {
    return pipelineFor(this.whole, { ...event, variables: { ...this.#given, ...event.variables } }, this.#facts)
  }
}
