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
   * A click for each target, or one for all of them. With `once` GitLab runs the publish jobs as the person who pushed the tag, so only the
   * `approve` job can be protected by an environment. @default each
   */
  readonly approval?: 'each' | 'once' | undefined
  /**
   * GitLab's own approvals (Premium): the publish jobs become deployments to the public repository's environment, whose rules can hold them
   * back. Switch off the project setting that prevents outdated deployment jobs. Otherwise publishing a newer release line disables the
   * jobs of an older one. @default false
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

  /** Each target and deployment calls this when it is made, so listing them does not walk the tree. */
  add(member: ReleaseTarget | Deployment): void {
    if (member instanceof Deployment) {
      this.#deployments.push(member)
      return
    }
    this.#targets.push(member)
    for (const page of this.#pages) page.add(member)
    for (const repo of pagesOf(member)) this.#announceOn(repo)
    // If there are more targets than `seal` can need, jobs in between collect their records.
    for (let number = this.#collects.length + 1; number <= collectCount(this, [...member.routes.keys()]); number++) {
      this.#collects.push(madeAt(this.source, () => new Job(this, `collect ${number}`, collectJob(this, number))))
    }
  }

  /** A page is made together with the first target that is published there. */
  #announceOn(repo: PublicRepo): void {
    if (this.#pages.some((page) => page.repo === repo)) return
    const page = madeAt(this.source, () => new Page(this, repo))
    this.#pages.push(page)
    for (const target of this.#targets) page.add(target)
  }

  get targets(): readonly ReleaseTarget[] {
    return this.#targets
  }

  /** How long records and the command are kept. Their expiry counts from each job's own upload. */
  get keep(): Duration {
    return this.hold.plus(Duration.seconds(holdMargin))
  }

  /** The pages of releases that announce it. */
  get pages(): readonly Page[] {
    return this.#pages
  }

  /** The jobs that collect the records of stage jobs. */
  get collects(): readonly Job[] {
    return this.#collects
  }
  collectsIn(kind: PipelineKind): readonly Job[] {
    return this.#collects.slice(0, collectCount(this, [kind]))
  }

  get deployments(): readonly Deployment[] {
    return this.#deployments
  }

  /** `acme ` if the app has several releases, so that the names of their jobs differ. */
  get prefix(): string {
    return releasesOf(this).length > 1 ? `${this.label} ` : ''
  }

  /** The targets that a kind's release requires before it is sealed. */
  requiredIn(kind: PipelineKind): readonly ReleaseTarget[] {
    return this.targets.filter(({ optional, routes }) => !optional && routes.get(kind)?.staging !== undefined)
  }

  /** The targets that a kind's release requires before it is announced. */
  announcedIn(kind: PipelineKind): readonly ReleaseTarget[] {
    return this.targets.filter(({ optional, routes }) => !optional && (routes.get(kind)?.public.length ?? 0) > 0)
  }

  /** Whether something of the release is staged, or published, in this kind. */
  stagesIn(kind: PipelineKind): boolean {
    return this.targets.some((target) => target.routes.get(kind)?.staging !== undefined)
  }
  /** The jobs that must pass before anything of the release is published: its deployments, or the jobs that confirm them. */
  gatesIn(kind: PipelineKind): readonly Need[] {
    return this.deployments
      .filter((deployment) => deployment.gates && deployment.isIn(kind))
      .map(({ gate }) => ({ job: gate, artifacts: false }))
  }
  publishesIn(kind: PipelineKind): boolean {
    return this.targets.some((target) => (target.routes.get(kind)?.public.length ?? 0) > 0)
  }
}

/** All releases of an app share it. */
function prepareOf(release: Release): Job {
  const { root } = release.node
  const made = releasesOf(release).find((other) => other !== release)?.jobs.prepare
  if (made !== undefined) return made
  const definition = prepareJob(root, () => releasesOf(root))
  return new Job(root, 'prepare', definition)
}
