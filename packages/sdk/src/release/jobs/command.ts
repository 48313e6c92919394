import { jobFiles } from '@stagegate/schema'
import { settingsOf } from '../../settings.js'
import type { Release } from '../release.js'

/** The script of a job that runs the command: its digest is checked first, where it is known. */
export function commandScript(release: Release, words: readonly string[]): readonly string[] {
  const { pin } = settingsOf(release)
  const several = release.prefix === '' ? [] : ['--release', release.label]
  const line = ['node', jobFiles.command, ...words, ...several].map(quote).join(' ')
  return pin === undefined ? [line] : [checkLine(pin), line]
}

export function checkLine(sha256: string): string {
  return `echo "${sha256}  ${jobFiles.command}" | sha256sum -c -`
}

/** A word as a POSIX shell reads it back. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
