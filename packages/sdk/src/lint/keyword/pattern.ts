import { isRe2 } from '../../condition/pattern.js'

const slashes = /^\/(.*)\/([ismU]*)$/s

export const looksLikePattern = (text: string): boolean => slashes.test(text)

/** `/…/flags` with a body that RE2 compiles. */
export function isPattern(text: string): boolean {
  const [, source, flags] = slashes.exec(text) ?? []
  return source !== undefined && flags !== undefined && isRe2({ kind: 'pattern', source, flags })
}
