import type { Construct } from '../construct.js'
import type { IssueFacts } from '../issue/facts.js'
import { many, type OneOrMany, PipelineKind } from '../kind.js'
import { type Destination, PublicRepo, StagingRepo } from './repositories.js'

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

/**
 * The routes by kind; what is wrong with them is reported.
 * @throws {TypeError} where a program without types names something else than a kind or a repository
 */
export function routesByKind(routes: readonly Route[], report: (facts: IssueFacts) => void): ReadonlyMap<PipelineKind, KindRoute> {
  const byKind = new Map<PipelineKind, KindRoute>()
  for (const route of routes) {
    const destinations = many<Destination>(route.public).map((to) => (to instanceof PublicRepo ? { repo: to, advisory: false } : to))
    if (route.staging !== undefined) expectA(StagingRepo, 'staging', route.staging)
    for (const { repo } of destinations) expectA(PublicRepo, 'public', repo)
    // `many` makes nothing of undefined, and the route would be dropped in silence.
    for (const kind of route.on === undefined ? [route.on] : many(route.on)) {
      expectA(PipelineKind, 'on', kind)
      if (byKind.has(kind)) report({ code: 'routes/twice', kind: kind.label })
      // The types forbid it; a program without types can still say it.
      if (route.staging === undefined && destinations.length > 0) report({ code: 'routes/public-without-staging', kind: kind.label })
      byKind.set(kind, { staging: route.staging, public: destinations })
    }
  }
  return byKind
}

/** Checks in programs without types what the types say: one kind of construct never passes for another. */
export function expectA(type: abstract new (...args: never) => unknown, where: string, value: unknown): void {
  if (value instanceof type) return
  const found = typeof value === 'object' && value !== null ? `a ${value.constructor?.name ?? 'object'}` : String(value)
  throw new TypeError(`Expected a ${type.name} in ${where}, got ${found}`)
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
