import { holdMargin } from '@stagegate/schema'
import type { IConstruct, Construct as Scope } from 'constructs'
import { Construct } from '../construct.js'
import { Duration } from '../duration.js'
import { duration, flag, oneOf } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { addGates } from '../job/held.js'
import { Job, type Need } from '../job/job.js'
import type { PipelineKind } from '../kind.js'
import { madeAt } from '../source-location.js'
import { Deployment } from './deployment.js'
import { approveJob } from './jobs/approve.js'
import { collectCount, collectJob } from './jobs/collect.js'
import { prepareJob } from './jobs/prepare.js'
import { sealJob } from './jobs/seal.js'
import { Page, pagesOf } from './page.js'
import type { PublicRepo } from './repositories.js'
import { type KindRoute, type Route, routes, routesByKind } from './route.js'
import type { ReleaseTarget } from './target.js'

export interface ReleaseProps {
  readonly routes: readonly Route[]
  /** How long everything needed for the release is kept while people decide. @default 14 days */
  readonly hold?: Duration | undefined
  /**
   * A click for each target, or one for all of them. With `once` GitLab runs the publish jobs as whoever pushed the tag, so
   * only the `approve` job can be protected by an environment. @default each
   */
  readonly approval?: 'each' | 'once' | undefined
  /**
   * GitLab's own approvals (Premium): the publish jobs become deployments to the public repository's environment, which its
   * rules can hold back. The project setting that prevents outdated deployment jobs must then be off, or a newer line's
   * publishing disables an older one's. @default false
   */
  readonly approvals?: boolean | undefined
}

const form = fields<ReleaseProps>({ routes, hold: duration, approval: oneOf('each', 'once'), approvals: flag }, 'routes')

const releases = new WeakMap<IConstruct, readonly Release[]>()

function releasesOf({ node }: IConstruct): readonly Release[] {
  return releases.get(node.root) ?? []
}

/** One version of a product: its targets, staged and published together. */
export class Release extends Construct {
  readonly jobs: { readonly prepare: Job; readonly seal: Job; readonly approve: Job }
  readonly routes: ReadonlyMap<PipelineKind, KindRoute>
  readonly hold: Duration
  readonly approval: 'each' | 'once'
  readonly approvals: boolean
  readonly #collects: Job[] = []
  readonly #targets: ReleaseTarget[] = []
  readonly #pages: Page[] = []
  readonly #deployments: Deployment[] = []

  constructor(scope: Scope, id: string, props: ReleaseProps) {
    super(scope, id, new.target)
    this.checkProps(props, form)
    const { hold = Duration.days(14), approval = 'each', approvals = false } = props
    this.hold = hold
    this.approval = approval
    this.approvals = approvals
    this.routes = routesByKind(props.routes, (facts) => this.report(facts))
    releases.set(this.node.root, [...releasesOf(this), this])
    addGates(this.node.root, (kind) =>
      this.publishesIn(kind) ? [{ job: this.jobs.seal, artifacts: false }, ...this.gatesIn(kind)] : undefined,
    )
    this.jobs = madeAt(this.source, () => ({
      prepare: prepareOf(this),
      seal: new Job(this, 'seal', sealJob(this)),
      approve: new Job(this, 'approve', approveJob(this)),
    }))
  }

  /** Called by each target and deployment when it is made, so that asking for them walks no tree. */
  add(member: ReleaseTarget | Deployment): void {
    if (member instanceof Deployment) {
      this.#deployments.push(member)
      return
    }
    this.#targets.push(member)
    for (const page of this.#pages) page.add(member)
    for (const repo of pagesOf(member)) this.#announceOn(repo)
    // More targets than `seal` may need are gathered by jobs in between.
    for (let number = this.#collects.length + 1; number <= collectCount(this, [...member.routes.keys()]); number++) {
      this.#collects.push(madeAt(this.source, () => new Job(this, `collect ${number}`, collectJob(this, number))))
    }
  }

  /** A page is made with the first target that goes there. */
  #announceOn(repo: PublicRepo): void {
    if (this.#pages.some((page) => page.repo === repo)) return
    const page = madeAt(this.source, () => new Page(this, repo))
    this.#pages.push(page)
    for (const target of this.#targets) page.add(target)
  }

  get targets(): readonly ReleaseTarget[] {
    return this.#targets
  }

  /** How long records and the command are kept: their expiry counts from each job's own upload. */
  get keep(): Duration {
    return this.hold.plus(Duration.seconds(holdMargin))
  }

  /** The pages of releases that it is announced on. */
  get pages(): readonly Page[] {
    return this.#pages
  }

  /** The jobs that gather the records of stage jobs. */
  get collects(): readonly Job[] {
    return this.#collects
  }
  collectsIn(kind: PipelineKind): readonly Job[] {
    return this.#collects.slice(0, collectCount(this, [kind]))
  }

  get deployments(): readonly Deployment[] {
    return this.#deployments
  }

  /** `acme ` where the app has several releases, so that their jobs' names differ. */
  get prefix(): string {
    return releasesOf(this).length > 1 ? `${this.label} ` : ''
  }

  /** The targets that a kind's release is not sealed without. */
  requiredIn(kind: PipelineKind): readonly ReleaseTarget[] {
    return this.targets.filter(({ optional, routes }) => !optional && routes.get(kind)?.staging !== undefined)
  }

  /** The targets that a kind's release is not announced without. */
  announcedIn(kind: PipelineKind): readonly ReleaseTarget[] {
    return this.targets.filter(({ optional, routes }) => !optional && (routes.get(kind)?.public.length ?? 0) > 0)
  }

  /** Whether something of the release is staged, or published, in this kind. */
  stagesIn(kind: PipelineKind): boolean {
    return this.targets.some((target) => target.routes.get(kind)?.staging !== undefined)
  }
  /** The jobs that must have passed before anything of the release is published: its deployments, each confirmed where it can be. */
  gatesIn(kind: PipelineKind): readonly Need[] {
    return this.deployments
      .filter((deployment) => deployment.gates && deployment.isIn(kind))
      .map(({ gate }) => ({ job: gate, artifacts: false }))
  }
  publishesIn(kind: PipelineKind): boolean {
    return this.targets.some((target) => (target.routes.get(kind)?.public.length ?? 0) > 0)
  }
}

/** All releases of an app share one. */
function prepareOf(release: Release): Job {
  const { root } = release.node
  const made = releasesOf(release).find((other) => other !== release)?.jobs.prepare
  if (made !== undefined) return made
  const definition = prepareJob(root, () => releasesOf(root))
  return new Job(root, 'prepare', definition)
}
