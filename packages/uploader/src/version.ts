import type { Origin } from '@stagegate/schema'
import { GateError, isLabel, type PlannedKind, UsageError } from '@stagegate/schema'
import { RE2JS } from 're2js'

/**
 * The version that a kind gives its release.
 * @throws {GateError} when the job's ref is not one of this kind
 * @throws {UsageError} when the kind has no version, its variable is not set or holds no version, or its expression has no group for it
 */
export function versionOf(
  name: string,
  kind: PlannedKind,
  ref: Origin['ref'],
  variables: Readonly<Record<string, string | undefined>>,
): string {
  if (kind.version === null)
    throw new UsageError({
      code: 'usage/version',
      what: `the kind ${name} gives a release no version`,
      next: 'Add a group (?<version>…) to its tag expression, or give the kind a version variable. Then synth again.',
    })
  if ('variable' in kind.version) {
    const value = variables[kind.version.variable]
    if (value === undefined || value === '')
      throw new UsageError({
        code: 'usage/version',
        what: `the version variable ${kind.version.variable} is not set`,
        next: 'Set it for this pipeline.',
      })
    // It goes into files of variables, where a line break would begin another one.
    if (!isLabel(value))
      throw new UsageError({
        code: 'usage/version',
        what: `the value of ${kind.version.variable} is not a version`,
        next: 'A version has at most 255 printable characters.',
      })
    return value
  }
  const next = 'Run it in a pipeline of this kind.'
  if (!('tag' in ref))
    throw new GateError({ code: 'gate/ref', what: `the kind ${name} is for tags, but this job runs for the branch ${ref.branch}`, next })
  const expression = RE2JS.compile(kind.version.tag)
  if (expression.groupCount() === 0)
    throw new UsageError({
      code: 'usage/version',
      what: `the tag expression ${kind.version.tag} of the kind ${name} has no group for the version`,
      next: 'Give it a group (?<version>…) and synth again.',
    })
  const matcher = expression.matcher(ref.tag)
  const version = matcher.find() ? matcher.group(1) : null
  if (version === null || version === '')
    throw new GateError({ code: 'gate/ref', what: `the tag ${ref.tag} does not match the kind ${name}`, next })
  return version
}
