import { jobFiles } from '@stagegate/schema'
import { settingsOf } from '../../settings.js'
import type { Release } from '../release.js'

/** The script of a job that runs the command. It first checks the digests of the command, if known, and of the plan. */
export function commandScript(release: Release, words: readonly string[]): readonly string[] {
  const { pin } = settingsOf(release)
  const several = release.prefix === '' ? [] : ['--release', release.label]
  const line = ['node', jobFiles.command, ...words, ...several].map(quote).join(' ')
  return [...(pin === undefined ? [] : [checkLine(pin)]), checkPlanLine, line]
}

export function checkLine(sha256: string): string {
  return checked(sha256, jobFiles.command)
}

const unknownPlan = '<plan>'

/** The plan says which repositories, records and instance a job believes, so its digest is in the reviewed YAML too. */
export const checkPlanLine = checked(unknownPlan, jobFiles.plan)

/** The line with the plan's digest, which is known once the whole tree has been read. */
export function withPlanDigest(line: string, sha256: string): string {
  return line === checkPlanLine ? checked(sha256, jobFiles.plan) : line
}

function checked(sha256: string, file: string): string {
  return `echo "${sha256}  ${file}" | sha256sum -c -`
}

/** A word quoted for a POSIX shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
