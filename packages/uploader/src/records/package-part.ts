import { createHash } from 'node:crypto'

/** Longer ones end in their digest. */
const longest = 150

/**
 * Encodes any text so that GitLab accepts it as a package's name, version or file: letters, digits, dashes and single dots between them.
 * `_` and two digits replace each other byte; different texts stay different.
 */
export function packagePart(text: string): string {
  const part = text.replaceAll(/[^A-Za-z0-9.-]|(?<![A-Za-z0-9])\.|\.(?![A-Za-z0-9])/gu, escaped)
  if (part !== '' && part.length <= longest) return part
  // No escaped byte starts with a second `_`.
  return `${part.slice(0, 60)}__${createHash('sha256').update(text).digest('hex')}`
}

function escaped(character: string): string {
  return [...Buffer.from(character)].map((byte) => `_${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
