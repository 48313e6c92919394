import type { PackageCoordinates } from '@stagegate/schema'

/** One for all distributions, or one for each; distributions that are not named use their own name. */
export type ByDistribution = string | Readonly<Record<string, string>>

/** The one for an artifact's distribution. */
export function oneFor({ distribution }: PackageCoordinates, chosen: ByDistribution | undefined, own: string): string {
  if (typeof chosen === 'string') return chosen
  return chosen !== undefined && Object.hasOwn(chosen, distribution) ? (chosen[distribution] ?? own) : own
}
