import type { PackageCoordinates } from '@stagegate/schema'

/** One for all distributions, or one for each; those that are not named have their own. */
export type ByDistribution = string | Readonly<Record<string, string>>

/** The one of an artifact's distribution. */
export function oneFor({ distribution }: PackageCoordinates, chosen: ByDistribution | undefined, own: string): string {
  if (typeof chosen === 'string') return chosen
  return chosen !== undefined && Object.hasOwn(chosen, distribution) ? (chosen[distribution] ?? own) : own
}
