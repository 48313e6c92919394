import { gitlabLimits } from '../../gitlab/limits.js'

/** Portions of the needs of a job, for jobs in between, where it may not need all of them itself beside `others`; else none. */
export function portions<T>(needed: readonly T[], others: number): readonly (readonly T[])[] {
  const { needs } = gitlabLimits
  if (needed.length + others <= needs) return []
  const count = Math.ceil(needed.length / needs)
  return Array.from({ length: count }, (_, index) => needed.slice(index * needs, (index + 1) * needs))
}
