import { Lexer } from 'yaml'

/**
 * Whether lists and mappings in brackets, or lists on one line, nest deeper than a limit. The parser is not asked, since its time and
 * memory grow with the square of the depth.
 */
export function nestsDeeperThan(text: string, limit: number): boolean {
  return mayNest(text, limit) && nests(text, limit)
}

/** Also counts brackets in texts and comments, which is fast and rarely wrong by this much. */
function mayNest(text: string, limit: number): boolean {
  let depth = 0
  for (const bracket of text.match(/[[\]{}]/g) ?? []) {
    depth = Math.max(0, depth + (bracket === '[' || bracket === '{' ? 1 : -1))
    if (depth > limit) return true
  }
  return /(?:[-?:]\s){20}/.test(text)
}

function nests(text: string, limit: number): boolean {
  let [flow, line] = [0, 0]
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') flow += 1
    else if (lexeme === ']' || lexeme === '}') flow -= 1
    else if (lexeme === '-' || lexeme === '?' || lexeme === ':') line += 1
    else if (lexeme.trim() !== '') line = 0
    if (flow > limit || line > limit) return true
  }
  return false
}
