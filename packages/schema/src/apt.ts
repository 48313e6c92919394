/** Whether a text can name a suite of an apt repository, or one of its components: `jammy`, `stable-updates`, `main`. */
export function isSuiteName(text: string): boolean {
  return typeof text === 'string' && /^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,63}$/.test(text)
}

/** Whether a text fits on one line of an index: an origin, a label, a description. */
export function isIndexField(text: string): boolean {
  return typeof text === 'string' && /^[^\p{Cc}\s][^\p{Cc}]{0,199}$/u.test(text) && text.trim() === text
}
