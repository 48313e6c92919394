import leven from 'leven'

/** The known word that was probably meant. It shares a letter with the given one at least. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const camel = word.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const ranked = known.map((candidate) => ({ candidate, distance: distanceOf(camel.toLowerCase(), candidate.toLowerCase()) }))
  ranked.sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  const most = Math.min(word.length - 1, Math.max(1, Math.floor(word.length / 3)))
  return best !== undefined && best.distance <= most ? best.candidate : undefined
}

/** Two letters that changed places, the slip that fingers make most, are one step, and not two. */
function distanceOf(word: string, candidate: string): number {
  const swapped = Array.from(
    { length: word.length },
    (_, at) => word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2),
  )
  return swapped.includes(candidate) ? 1 : leven(word, candidate)
}
