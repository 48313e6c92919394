/**
 * Merges the stages of two pipelines: theirs keep their order, and each of ours that they lack comes before the next one that they have.
 */
export function beside(theirs: readonly string[], ours: readonly string[]): string[] {
  const merged = [...theirs]
  let next = merged.length
  for (const stage of ours.toReversed()) {
    const known = merged.indexOf(stage)
    if (known === -1) merged.splice(next, 0, stage)
    else if (known < next) next = known
  }
  return merged
}
