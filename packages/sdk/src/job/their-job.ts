import type { Construct as Scope } from 'constructs'
import { parentVariable } from '../gitlab/parent.js'
import type { OtherPipelineNeed } from '../keyword/needs.js'
import { settingsOf } from '../settings.js'
import { GeneratedJob, Job } from './job.js'

/** A job of the project's own pipeline, by its name there. It is not rendered: the proof judges it where it stands. */
export class TheirJob extends Job {
  constructor(scope: Scope, id: string, name: string) {
    super(
      scope,
      id,
      new GeneratedJob(
        () => name,
        () => ({ keywords: {}, secrets: [], wholeCondition: false, byRoute: true, inKind: () => undefined }),
      ),
    )
  }

  /** The need of it, where its pipeline starts this one: GitLab then takes its artifacts from there. */
  get ofParent(): OtherPipelineNeed | undefined {
    return settingsOf(this).startedBy === undefined ? undefined : { pipeline: `$${parentVariable}`, job: this.name }
  }

  /** Its rules stand in its own file. */
  override existsIn(): boolean {
    return true
  }

  /** @throws {TypeError} always */
  override addOverride(): never {
    throw new TypeError(`Expected a job of this app, got ${this.name} of the project's own pipeline; change it in its file`)
  }
}
