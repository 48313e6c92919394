import type { JobDocument } from '../../gitlab/document.js'
import { linesIn, simpleCommands } from '../secrets/command-line.js'

const installers: readonly (readonly [command: RegExp, words: RegExp])[] = [
  [/^(?:npm|pnpm|yarn|bun)$/, /^(?:ci|i|install|install-test|it|add|exec|dlx)$/],
  [/^(?:npx|bunx|pipx|uvx)$/, /./],
  [/^(?:pip[\d.]*|uv|poetry|conda|mamba)$/, /^(?:install|sync|add)$/],
  [/^(?:apt|apt-get|aptitude|yum|dnf|microdnf|zypper|brew|snap|choco)$/, /^(?:install|upgrade|dist-upgrade)$/],
  [/^apk$/, /^add$/],
  [/^(?:gem|cargo|go|bundle|composer|helm)$/, /^(?:install|get)$/],
]
const wrappers = ['sudo', 'env', 'command', 'exec', 'nice', 'time']

/** The first line of a job's scripts that downloads code into it. */
export function installingLine(job: JobDocument): string | undefined {
  const lines = ['before_script', 'script', 'after_script'].flatMap((section) => linesIn(job[section]))
  return lines.find((line) => simpleCommands(line).some(installs))
}

function installs(words: readonly string[]): boolean {
  const start = words.findIndex((word) => !wrappers.includes(word) && !word.startsWith('-') && !/^\w+=/.test(word))
  const command = (words[start] ?? '').replace(/^.*\//, '')
  const rest = words.slice(start + 1)
  if (/^python[\d.]*$/.test(command)) return rest[0] === '-m' && rest[1] === 'pip' && rest.includes('install')
  return installers.some(([name, verb]) => name.test(command) && rest.some((word) => !word.startsWith('-') && verb.test(word)))
}
