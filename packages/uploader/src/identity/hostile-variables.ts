import { UsageError } from '@stagegate/schema'

/** Variables with which whoever may start the job could make it send its credentials elsewhere, or print them. */
const hostile: Readonly<Record<string, string>> = {
  NODE_OPTIONS: 'loads foreign code into the job',
  NODE_TLS_REJECT_UNAUTHORIZED: 'turns off the check of TLS certificates',
  NODE_EXTRA_CA_CERTS: 'lets somebody else vouch for servers',
  NODE_USE_SYSTEM_CA: 'lets somebody else vouch for servers',
  NODE_USE_ENV_PROXY: 'sends requests through a proxy',
  NODE_DEBUG: 'prints requests with their headers',
  NODE_DEBUG_NATIVE: 'prints requests with their headers',
  NODE_V8_COVERAGE: 'writes what the job ran to disk',
  OPENSSL_CONF: 'changes how TLS works',
  LD_PRELOAD: 'loads foreign code into the job',
  LD_LIBRARY_PATH: 'loads foreign code into the job',
  HTTP_PROXY: 'sends requests through a proxy',
  HTTPS_PROXY: 'sends requests through a proxy',
  ALL_PROXY: 'sends requests through a proxy',
  CI_DEBUG_TRACE: 'prints every variable, the credentials too, to the job log',
  CI_DEBUG_SERVICES: 'prints what services do to the job log',
}

/**
 * Refuses to go on in an environment that could be turned against the job.
 * @param allowed names that the plan allows
 * @throws {UsageError} naming every such variable, never its value
 */
export function refuseHostileVariables(variables: Readonly<Record<string, string | undefined>>, allowed: readonly string[]): void {
  const found = Object.entries(variables).flatMap(([name, value]) => {
    const effect = hostile[name.toUpperCase()]
    const off = value === undefined || value === '' || (name.startsWith('CI_DEBUG_') && value === 'false')
    return effect === undefined || off || allowed.includes(name) ? [] : [{ name, effect }]
  })
  if (found.length === 0) return
  const leaked = found.some(({ name }) => name.toUpperCase() === 'CI_DEBUG_TRACE')
  throw new UsageError({
    code: 'usage/hostile-variable',
    what: found.map(({ name, effect }) => `the variable ${name} is set, which ${effect}`).join('\n'),
    next: leaked
      ? 'The log has this job’s credentials by now: replace them, and erase the job log.'
      : `Unset it for this job. If it belongs here, allow it by name in pipeline.ts: new App({ cli: { allow: ['${found[0]?.name}'] } }).`,
  })
}
