import type { Construct as Scope } from 'constructs'
import { Construct } from '../construct.js'
import { Duration } from '../duration.js'
import { Job } from '../gitlab/job.js'
import type { PipelineKind } from '../kind.js'
import { madeAt } from '../source-location.js'
import { Deployment } from './deployment.js'
import { prepareJob } from './jobs/prepare.js'
import { sealJob } from './jobs/seal.js'
import { allOf, type KindRoute, type Route, routesByKind } from './route.js'
import { ReleaseTarget } from './target.js'

export interface ReleaseProps {
  readonly routes: readonly Route[]
  /** How long everything needed for the release is kept while people decide. @default 14 days */
  readonly hold?: Duration | undefined
}

/** How much longer than the hold records are kept: their expiry counts from each job's own upload. */
export const holdMargin = Duration.days(7)

/** One version of a product: its targets, staged and published together. */
export class Release extends Construct {
  readonly jobs: { readonly prepare: Job; readonly seal: Job }
  readonly routes: ReadonlyMap<PipelineKind, KindRoute>
  readonly hold: Duration

  constructor(scope: Scope, id: string, props: ReleaseProps) {
    super(scope, id, new.target)
    this.refuseUnknown(props, ['routes', 'hold'])
    const { routes, hold = Duration.days(14) } = props
    if (!(hold instanceof Duration)) throw new TypeError(`Expected a Duration in hold, got ${String(hold)}`)
    this.hold = hold
    this.routes = routesByKind(routes, (facts) => this.report(facts))
    this.jobs = madeAt(this.source, () => ({ prepare: prepareOf(this), seal: new Job(this, 'seal', sealJob(this)) }))
  }

  get targets(): readonly ReleaseTarget[] {
    return allOf(this, ReleaseTarget)
  }

  get deployments(): readonly Deployment[] {
    return allOf(this, Deployment)
  }

  /** `acme ` where the app has several releases, so that their jobs' names differ. */
  get prefix(): string {
    return allOf(this.node.root, Release).length > 1 ? `${this.label} ` : ''
  }

  /** Whether something of the release is staged, or published, in this kind. */
  stagesIn(kind: PipelineKind): boolean {
    return this.targets.some((target) => target.routes.get(kind)?.staging !== undefined)
  }
  publishesIn(kind: PipelineKind): boolean {
    return this.targets.some((target) => (target.routes.get(kind)?.public.length ?? 0) > 0)
  }
}

/** All releases of an app share one. */
function prepareOf(release: Release): Job {
  const { root } = release.node
  const made = allOf(root, Release).find((other) => other !== release)?.jobs.prepare
  return made ?? new Job(root, 'prepare', prepareJob(root))
}
