import { canBeAllowed, hostileVariables as hostile, hostileEffects, UsageError } from '@stagegate/schema'

/** Variables that name certificate authorities. They are harmless for a run that only uses this machine. */
export function trustVariables(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.keys(variables).filter((name) => hostile[name.toUpperCase()] === hostileEffects.trust && !isOff(name, variables[name]))
}

/**
 * Refuses to go on if a variable could be turned against the job.
 * @param allowed names that the plan allows; only proxies and certificate authorities can be
 * @throws {UsageError} naming every such variable, never its value
 */
export function refuseHostileVariables(variables: Readonly<Record<string, string | undefined>>, allowed: readonly string[]): void {
  const found = Object.entries(variables).flatMap(([name, value]) => {
    // Names of proxies may also be in lower case. Refusing the others in lower case too does no harm.
    const effect = hostile[name.toUpperCase()]
    return effect === undefined || isOff(name, value) || (allowed.includes(name) && canBeAllowed(name)) ? [] : [{ name, effect }]
  })
  if (found.length === 0) return
  throw new UsageError({
    code: 'usage/hostile-variable',
    what: found.map(({ name, effect }) => `the variable ${name} is set, which ${effect}`).join('\n'),
    next: adviceFor(found.map(({ name }) => name)),
  })
}

function adviceFor(names: readonly string[]): string {
  if (names.some((name) => name.toUpperCase() === 'CI_DEBUG_TRACE'))
    return 'The job log may already show this job’s credentials: replace them, and erase the log.'
  const unset = `Unset ${names.length === 1 ? 'it' : 'them'} for this job.`
  const allowable = names.filter(canBeAllowed).map((name) => `'${name}'`)
  return allowable.length === 0
    ? unset
    : `${unset} If the job needs one, allow it by name in pipeline.ts: new App({ cli: { allow: [${allowable.join(', ')}] } }).`
}

/** GitLab's runner reads its own as Go does. */
function isOff(name: string, value: string | undefined): boolean {
  return value === undefined || value === '' || (name.startsWith('CI_DEBUG_') && /^(?:0|f|false)$/i.test(value))
}
