import type { JsonValue } from '@stagegate/schema'
import { isObject, type JobDocument } from '../../gitlab/document.js'
import { linesIn, partedCommands, withoutOpeners } from '../secrets/command-line.js'
import type { PublishingCommand } from './ways.js'

/** The words of a script that look as if they publish. */
export interface Evidence<W> {
  readonly way: W
  /** The command, from the text that matches. */
  readonly words: string
  /** The whole line of the script. */
  readonly line: string
}

/** Longer lines are cut: the patterns take time that grows with the square of the length. */
const longest = 1500

/** The first line of a job that publishes in one of the ways. */
export function commandIn<W extends Pick<PublishingCommand, 'pattern' | 'except'>>(
  job: JobDocument,
  ways: readonly W[],
): Evidence<W> | undefined {
  for (const whole of ['before_script', 'script', 'after_script', 'run'].flatMap((section) => linesIn(asLines(job[section])))) {
    const line = whole.slice(0, longest)
    const commands = doing(line)
    for (const way of ways) {
      const words = wordsOf(commands, way)
      if (words !== undefined) return { way, words, line: line.trim() }
    }
  }
  return undefined
}

/** Commands that print words, or search for them. */
const sayers = ['echo', 'printf', 'grep', 'egrep', 'fgrep', 'rg', 'git', ':', 'cat', 'sed', 'awk', 'Write-Output', 'Write-Host']

/** The commands of a line that have an effect: no comments, and no commands that only print or search for text. */
function doing(line: string): readonly string[] {
  const commands = partedCommands(line)
  const last = commands.findIndex((words) => words.some(isComment))
  return (last === -1 ? commands : commands.slice(0, last + 1)).flatMap((words) => {
    const comment = words.findIndex(isComment)
    const said = comment === -1 ? words : words.slice(0, comment)
    return sayers.includes(withoutOpeners(said)[0] ?? ':') ? [] : [said.join(' ')]
  })
}

const isComment = (word: string) => word.startsWith('#')
const rehearsed = /\s(?:--dry-?run|-DdryRun)(?:[= ]true)?(?=\s|$)/
const here = String.raw`["']?(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\]):\d\S*`
/** The target of the command is a server inside the job: its last word, or an option. */
const toItself = new RegExp(String.raw`\s(?:--[\w-]*(?:registry|url|source|server|host)[= ])${here}|\s${here}\s*$`)

/** An excepted command says nothing about the others in its line. */
function wordsOf(commands: readonly string[], { pattern, except }: Pick<PublishingCommand, 'pattern' | 'except'>): string | undefined {
  const exceptions = [rehearsed, toItself, ...(except === undefined ? [] : [except])]
  const found = commands.find((command) => pattern.test(command) && !exceptions.some((one) => one.test(command)))
  return found === undefined ? undefined : shown(found.slice(pattern.exec(found)?.index))
}

function shown(words: string): string {
  const short = words.trim().replace(/\s+/g, ' ')
  return short.length > 60 ? `${short.slice(0, 59)}…` : short
}

/** The scripts of `run` are in its steps. */
function asLines(value: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(value) ? value.map((one) => (isObject(one) ? (one['script'] ?? '') : one)) : value
}
