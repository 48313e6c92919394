import { gitlabLimits } from '../../gitlab/limits.js'

/** Splits the needs of a job into portions for jobs in between, if the job cannot need all of them in addition to `others`. */
export function portions<T>(needed: readonly T[], others: number): readonly (readonly T[])[] {
  const { needs } = gitlabLimits
  if (needed.length + others <= needs) return []
  const count = Math.ceil(needed.length / needs)
  return Array.from({ length: count }, (_, index) => needed.slice(index * needs, (index + 1) * needs))
}
