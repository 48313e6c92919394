import type { Construct } from '../construct.js'
import type { IssueFacts } from '../issue.js'
import { many, type OneOrMany, type PipelineKind } from '../kind.js'
import { type Destination, PublicRepo, type StagingRepo } from './repositories.js'

/** How far these kinds take the release: no `staging`, built only; no `public`, staged and never published. */
export type Route = { readonly on: OneOrMany<PipelineKind> } & (
  | { readonly staging?: undefined; readonly public?: undefined }
  | { readonly staging: StagingRepo; readonly public?: OneOrMany<Destination> | undefined }
)

/** A route of one kind. */
export interface KindRoute {
  readonly staging: StagingRepo | undefined
  readonly public: readonly { readonly repo: PublicRepo; readonly advisory: boolean }[]
}

/** The routes by kind; what is wrong with them is reported. */
export function routesByKind(routes: readonly Route[], report: (facts: IssueFacts) => void): ReadonlyMap<PipelineKind, KindRoute> {
  const byKind = new Map<PipelineKind, KindRoute>()
  for (const route of routes) {
    const destinations = many<Destination>(route.public).map((to) => (to instanceof PublicRepo ? { repo: to, advisory: false } : to))
    for (const kind of many(route.on)) {
      if (byKind.has(kind)) report({ code: 'routes/twice', kind: kind.label })
      // The types forbid it; a program without types can still say it.
      if (route.staging === undefined && destinations.length > 0) report({ code: 'routes/public-without-staging', kind: kind.label })
      byKind.set(kind, { staging: route.staging, public: destinations })
    }
  }
  return byKind
}

/** The repository whose environment and name stand for a route: its first that is not advisory. */
export function leading(route: KindRoute | undefined): PublicRepo | undefined {
  return (route?.public.find(({ advisory }) => !advisory) ?? route?.public[0])?.repo
}

/** Everything of one class below a construct, in the order in which it was made. */
export function allOf<T extends Construct>(
  scope: { readonly node: { findAll(): unknown[] } },
  type: abstract new (...args: never) => T,
): readonly T[] {
  return scope.node.findAll().filter((one): one is T => one instanceof type)
}
