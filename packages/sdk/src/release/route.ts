import type { Construct } from '../construct.js'
import { isRecord, type Keyword, oneOf } from '../form/keyword.js'
import { either, fields, list, oneOrMany } from '../form/keyword-forms.js'
import { instanceOf, neverUndefined } from '../form/props.js'
import type { IssueFacts } from '../issue/facts.js'
import { pipelineKind } from '../keyword/rules.js'
import { many, type OneOrMany, type PipelineKind } from '../kind.js'
import { type Destination, PublicRepo, StagingRepo } from './repositories.js'

/** How far these kinds take the release. Without `staging` it is only built; without `public` it is staged and never published. */
export type Route = { readonly on: OneOrMany<PipelineKind> } & (
  | { readonly staging?: never; readonly public?: never }
  | { readonly staging: StagingRepo; readonly public?: OneOrMany<Destination> }
)

interface AnyRoute {
  readonly on: OneOrMany<PipelineKind>
  readonly staging?: StagingRepo
  readonly public?: OneOrMany<Destination>
}

const publicRepo = instanceOf(PublicRepo)
const destination = either<Exclude<Destination, PublicRepo>, PublicRepo>(
  (value): value is Exclude<Destination, PublicRepo> => isRecord(value) && Object.hasOwn(value, 'repo'),
  fields<Exclude<Destination, PublicRepo>>({ repo: publicRepo, advisory: oneOf(true) }, 'repo', 'advisory'),
  publicRepo,
)

/** The routes of a release, or of a target. */
export const routes: Keyword<readonly Route[]> = list(
  fields<AnyRoute>(
    { on: oneOrMany(pipelineKind), staging: neverUndefined(instanceOf(StagingRepo)), public: neverUndefined(oneOrMany(destination)) },
    'on',
  ),
)

/** A route of one kind. */
export interface KindRoute {
  readonly staging: StagingRepo | undefined
  readonly public: readonly { readonly repo: PublicRepo; readonly advisory: boolean }[]
}

/** The routes by kind. Reports wrong ones. */
export function routesByKind(routes: readonly Route[], report: (facts: IssueFacts) => void): ReadonlyMap<PipelineKind, KindRoute> {
  const byKind = new Map<PipelineKind, KindRoute>()
  for (const route of routes) {
    const destinations = many<Destination>(route.public).map((to) => (to instanceof PublicRepo ? { repo: to, advisory: false } : to))
    for (const kind of many(route.on)) {
      if (byKind.has(kind)) report({ code: 'routes/twice', kind: kind.label })
      // The types forbid it, but an untyped program can still do it.
      if (route.staging === undefined && destinations.length > 0) report({ code: 'routes/public-without-staging', kind: kind.label })
      byKind.set(kind, { staging: route.staging, public: destinations })
    }
  }
  return byKind
}

/** The repository that gives a route its environment and name: the first that is not advisory. */
export function leading(route: KindRoute | undefined): PublicRepo | undefined {
  return (route?.public.find(({ advisory }) => !advisory) ?? route?.public[0])?.repo
}

/** All constructs of one class below a construct, in the order in which they were made. */
export function allOf<T extends Construct>(
  scope: { readonly node: { findAll(): unknown[] } },
  type: abstract new (...args: never) => T,
): readonly T[] {
  return scope.node.findAll().filter((one): one is T => one instanceof type)
}
