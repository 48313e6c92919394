import { type Flavour, isArchitecture, isDistribution } from '@stagegate/schema'
import { Construct } from '../construct.js'
import { flag, isRecord, type Keyword, oneOf, shown, text } from '../form/keyword.js'
import { fields, list, oneOrMany } from '../form/keyword-forms.js'
import { neverUndefined } from '../form/props.js'
import { factsOf, type GeneratedJob, Job } from '../job/job.js'
import { TheirJob } from '../job/their-job.js'
import { projectPath } from '../keyword/project-path.js'
import { many, type OneOrMany, type PipelineKind } from '../kind.js'
import { madeAt } from '../source-location.js'
import { type BuildProps, soundBuild } from './build-props.js'
import { buildJob } from './jobs/build.js'
import { publishJob } from './jobs/publish.js'
import { lateSealJob } from './jobs/seal.js'
import { stageJob } from './jobs/stage.js'
import { verifyJob } from './jobs/verify.js'
import { type ReadBack, readBack } from './read-back.js'
import type { Release } from './release.js'
import { type KindRoute, type Route, routes, routesByKind } from './route.js'
import { expectRelease } from './scope.js'

export interface TargetProps {
  /**
   * A script, or your own job that leaves the packages or files as artifacts: a job of this app, or the name of a job of the project's own
   * pipeline.
   */
  readonly build: BuildProps | Job | { readonly job: string }
  /** @default the release's */
  readonly routes?: readonly Route[]
  /**
   * An optional target never holds up a release: it is sealed later and separately, and its failure fails nothing. It is still published
   * only after everything that the others wait for. @default false
   */
  readonly optional?: boolean | undefined
  /**
   * How the public repositories are read back: `apt` or `dnf` for packages in apt or yum repositories, `http`, and `oci` for images.
   * @default http; oci for an image
   * @example
   * new PackageTarget(release, 'debian/bookworm', { build, packages: 'dist/*.deb', verify: 'apt' })
   */
  readonly verify?: ReadBack | undefined
}

export type Distribution = `${string}/${string}`

export interface PackageTargetProps extends TargetProps {
  /** Globs of the built packages, from the project's folder. */
  readonly packages: OneOrMany<string>
  /** @default the id */
  readonly distribution?: Distribution | undefined
  /** The architecture that the packages must have, in Debian's or RPM's spelling. @default not checked */
  readonly architecture?: string | undefined
  /**
   * Whether `stage` refuses packages whose version is not the release's, or accepts them silently. Epoch and revision may differ; `-rc1`
   * and `+ee.0` may be written as Debian and RPM require. @default it warns
   */
  readonly versions?: 'must-match' | 'any' | undefined
  /** More distributions that the same files are published for: Oracle Linux in addition to Enterprise Linux. */
  readonly also?: readonly Distribution[] | undefined
}

/** The result of a build. */
export interface BuildOutput {
  /** The artifacts of the build job: globs and folders. */
  readonly files: readonly string[]
  /** An image's name in the registries. @default none: the target has files */
  readonly image?: string | undefined
  /** The text before and after the version in the image's tag. @default none */
  readonly flavour?: Flavour | undefined
}

/** The facts that a subclass gives about itself. */
export interface TargetClass<P extends TargetProps> {
  readonly form: Keyword<P>
  readonly outputOf: (props: P) => BuildOutput
  /** The subclass that the author called, so that the line of that call is found. */
  readonly callee: abstract new (
    ...args: never
  ) => unknown
}

const theirs = fields<{ readonly job: string }>({ job: text }, 'job')
const build: Keyword<TargetProps['build']> = {
  render(value, at, report) {
    if (value instanceof Job) return undefined
    if (isRecord(value) && 'job' in value) return theirs.render(value as never, at, report)
    // The job that is made from it checks its keywords.
    if (!isRecord(value)) report({ is: 'value', keyword: at, expected: 'a Job, { job }, or an object with a script', found: shown(value) })
    return undefined
  },
}

function buildOf(target: ReleaseTarget, given: TargetProps['build'], make: (own: BuildProps) => GeneratedJob): Job {
  if (given instanceof Job) return given
  return 'job' in given ? new TheirJob(target, 'build', given.job) : new Job(target, 'build', make(given))
}

/** The properties of every target. */
export const targetProps = { build, routes: neverUndefined(routes), optional: flag, verify: readBack }

const form = fields<PackageTargetProps>(
  {
    ...targetProps,
    packages: oneOrMany(projectPath),
    distribution: text as Keyword<Distribution>,
    architecture: text,
    versions: oneOf('must-match', 'any'),
    also: list(text as Keyword<Distribution>),
  },
  'build',
)

/** A part of a release that is built, staged and published on its own. */
export abstract class ReleaseTarget<P extends TargetProps = TargetProps> extends Construct {
  readonly release: Release
  readonly props: P
  readonly routes: ReadonlyMap<PipelineKind, KindRoute>
  readonly optional: boolean
  /** Whether it is a container image, which is published to registries. */
  readonly isImage: boolean
  readonly jobs: {
    readonly build: Job
    readonly stage: Job
    /** The release's routes, or an optional target's own. */
    readonly seal: Job
    readonly publish: Job
    readonly verify: Job
  }

  constructor(release: Release, id: string, props: P, { form, outputOf, callee }: TargetClass<P>) {
    expectRelease(release, callee, id)
    super(release, id, callee)
    this.checkProps(props, form)
    const output = outputOf(props)
    const pushes = output.files.length === 0 && output.image !== undefined
    this.release = release
    this.props = props
    this.optional = props.optional ?? false
    this.isImage = output.image !== undefined
    this.routes = props.routes === undefined ? release.routes : routesByKind(props.routes, (facts) => this.report(facts))
    this.jobs = madeAt(this.source, () => ({
      build: buildOf(this, props.build, (own) =>
        buildJob(
          this,
          soundBuild(own, pushes, (problem) => this.report(factsOf(id, problem))),
          output,
        ),
      ),
      stage: new Job(this, 'stage', stageJob(this)),
      seal: this.optional ? new Job(this, 'seal', lateSealJob(this)) : release.jobs.seal,
      publish: new Job(this, 'publish', publishJob(this)),
      verify: new Job(this, 'verify', verifyJob(this)),
    }))
    release.add(this)
  }

  /** The name of one of its jobs: `publish: [ubuntu/jammy]`. */
  jobName(phase: string): string {
    return `${phase}: [${this.release.prefix}${this.label}]`
  }
}

/** One distribution, version, architecture or variant of the product's packages. */
export class PackageTarget extends ReleaseTarget<PackageTargetProps> {
  readonly packages: readonly string[]
  readonly distribution: string
  readonly architecture: string | undefined
  readonly also: readonly string[]

  constructor(scope: Release, id: string, props: PackageTargetProps) {
    super(scope, id, props, { form, outputOf: ({ packages }) => ({ files: many(packages) }), callee: new.target })
    const packages = many(props.packages)
    this.packages = packages
    this.distribution = props.distribution ?? id
    this.architecture = props.architecture
    this.also = props.also ?? []
    for (const distribution of [this.distribution, ...this.also]) {
      if (!isDistribution(distribution)) this.report({ code: 'target/distribution', target: id, distribution })
    }
    if (props.architecture !== undefined && !isArchitecture(props.architecture))
      this.report({ code: 'target/architecture', target: id, architecture: props.architecture })
    if (packages.length === 0 || packages.some((glob) => glob === '')) this.report({ code: 'target/packages', target: id })
  }
}
