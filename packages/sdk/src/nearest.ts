import leven from 'leven'

/** The known word that somebody probably meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const camel = word.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const ranked = known.map((candidate) => ({ candidate, distance: leven(camel.toLowerCase(), candidate.toLowerCase()) }))
  ranked.sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined
}
