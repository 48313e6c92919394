/** A name for a message: as it is, or as `shown` where a reader could not tell it from the words around it. */
export function named(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? name : shown(name)
}

/** Text that somebody else wrote, for a message: quoted, short, and without anything that a terminal or a log would obey. */
export function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}...` : text
  return JSON.stringify(short).replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
