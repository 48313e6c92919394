import type { JsonValue } from '@stagegate/schema'
import type { JobDocument } from '../../gitlab/document.js'

/** Built into the shell: their arguments are not in the list of processes. */
const builtins = [':', '[', 'echo', 'eval', 'exit', 'export', 'local', 'printf', 'read', 'readonly', 'set', 'test', '[[', 'unset']
/** Words that precede a command. */
const openers = ['if', 'then', 'else', 'elif', 'while', 'until', 'do', '!', '{', '(', 'time']

/** The lines of a job that pass a secret to a command as an argument, which every process of the machine can read. */
export function commandLinesOf(
  job: JobDocument,
  secrets: ReadonlySet<string>,
): readonly { readonly variable: string; readonly line: string }[] {
  const lines = ['before_script', 'script', 'after_script'].flatMap((section) => linesIn(job[section]))
  return lines.flatMap((line) => {
    const variable = simpleCommands(line)
      .flatMap(argumentsOf)
      .flatMap(expansions)
      .find((name) => secrets.has(name))
    return variable === undefined ? [] : [{ variable, line }]
  })
}

export function linesIn(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return value.replaceAll('\\\n', ' ').split('\n')
  return Array.isArray(value) ? value.flatMap(linesIn) : []
}

/**
 * Quoted texts, escaped characters, plain text, operators, space; an unclosed quote is a token of its own. Runs in time proportional to the
 * line.
 */
const lexeme = /'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;&|'"\\]+|[;&|]+|\s+|./gs

/** The commands of a line, split roughly as a shell would, starting with the word that is called. */
export function simpleCommands(line: string): readonly (readonly string[])[] {
  return partedCommands(line).map(withoutOpeners)
}

/** A command from the word that is called. */
export function withoutOpeners(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !openers.includes(word) && !/^\w+=/.test(word))
  return first < 0 ? [] : words.slice(first)
}

/** The commands of a line, each split into words; quotes are kept together. */
export function partedCommands(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]]
  let word = ''
  const end = () => {
    if (word !== '') commands.at(-1)?.push(word)
    word = ''
  }
  for (const [part] of line.matchAll(lexeme)) {
    if (/^[\s;&|]/.test(part)) end()
    else if (part.length > 1 || !/['"\\]/.test(part)) word += part
    if (/^[;&|]/.test(part)) commands.push([])
  }
  end()
  return commands
}

function argumentsOf([command, ...words]: readonly string[]): readonly string[] {
  if (command === undefined || builtins.includes(command)) return []
  // Text that is read from a file or a here-document is not an argument.
  return words.filter((word, index) => !/^\d*[<>]/.test(word) && !/^\d*[<>]+$/.test(words[index - 1] ?? ''))
}

/** The variables that the shell would expand in the word. Single quotes prevent that. */
function expansions(word: string): readonly string[] {
  const parts = (word.match(lexeme) ?? []).filter((part) => !/^'.*'$/s.test(part))
  const open = parts.map((part) => part.replaceAll('\\$', '')).join('')
  return [...open.matchAll(/\$(?:\{(\w+)[^}]*\}|(\w+))/g)].flatMap(([, braced, bare]) => braced ?? bare ?? [])
}
