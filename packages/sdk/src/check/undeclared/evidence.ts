import type { JsonValue } from '@stagegate/schema'
import { isObject, type JobDocument } from '../../gitlab/document.js'
import { linesIn } from '../secrets/command-line.js'
import type { Way } from './ways.js'

/** The words of a script that look as if they publish. */
export interface Evidence<W> {
  readonly way: W
  /** The command that tells, from where it does. */
  readonly words: string
  /** The whole line of the script. */
  readonly line: string
}

/** No more of a line is looked at: the patterns take time with its square. */
const longest = 1500

/** The first line of a job that publishes in one of the ways. */
export function commandIn<W extends Pick<Way, 'pattern' | 'except'>>(job: JobDocument, ways: readonly W[]): Evidence<W> | undefined {
  for (const whole of ['before_script', 'script', 'after_script', 'run'].flatMap((section) => linesIn(asLines(job[section])))) {
    if (/^\s*#/.test(whole)) continue
    const line = whole.slice(0, longest)
    for (const way of ways) {
      const words = wordsOf(line, way)
      if (words !== undefined) return { way, words, line: line.trim() }
    }
  }
  return undefined
}

/** A command that is excepted says nothing of the others in its line. */
function wordsOf(line: string, { pattern, except }: Pick<Way, 'pattern' | 'except'>): string | undefined {
  if (!pattern.test(line)) return undefined
  const commands = line.split(/&&|\|\|?|;/).filter((command) => pattern.test(command))
  // A pattern that spans several commands cannot be excepted.
  const left = commands.length === 0 ? line : commands.find((command) => except?.test(command) !== true)
  return left === undefined ? undefined : shown(left.slice(pattern.exec(left)?.index))
}

function shown(words: string): string {
  const short = words.trim().replace(/\s+/g, ' ')
  return short.length > 60 ? `${short.slice(0, 59)}…` : short
}

/** The scripts of `run` stand in its steps. */
function asLines(value: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(value) ? value.map((one) => (isObject(one) ? (one['script'] ?? '') : one)) : value
}
