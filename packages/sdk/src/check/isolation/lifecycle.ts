import { simpleCommands } from '../secrets/command-line.js'

/** The first line that lets a package manager run the scripts of dependencies; `forced` if no variable can switch them off. */
export function scriptsIn(install: readonly string[]): { readonly line: string; readonly is: 'forced' | 'usual' } | undefined {
  const lines = install.flatMap((text) => text.split('\n'))
  const forced = lines.find((line) => simpleCommands(line).some(forces))
  if (forced !== undefined) return { line: forced, is: 'forced' }
  const usual = lines.find((line) => simpleCommands(line).some(runs))
  return usual === undefined ? undefined : { line: usual, is: 'usual' }
}

const managers = /(?:^|\/)(?:npm|pnpm|yarn|bun)$/

function isManager(words: readonly string[]): boolean {
  return words.some((word) => managers.test(word))
}

function forces(words: readonly string[]): boolean {
  const isOn = words.some(
    (word, index) =>
      /^--(?:no-ignore-scripts|ignore-scripts=(?:false|0))$/.test(word) || (word === '--ignore-scripts' && words[index + 1] === 'false'),
  )
  const unset = words[0] === 'unset' && words.some((word) => /IGNORE_SCRIPTS|ENABLE_SCRIPTS/i.test(word))
  return (
    unset ||
    words.some((word) => /^(?:NPM_CONFIG_IGNORE_SCRIPTS=(?!true)|YARN_ENABLE_SCRIPTS=(?!false))/i.test(word)) ||
    (isManager(words) && (isOn || words.includes('rebuild')))
  )
}

function runs(words: readonly string[]): boolean {
  const installs =
    words.length === 1 || words.some((word) => /^(?:ci|clean-install|i|install|install-test|it|cit|add|update|up)$/.test(word))
  return isManager(words) && installs && !words.some((word) => /^--ignore-scripts(?:=true)?$/.test(word))
}
