import { UsageError } from '@stagegate/schema'

const code = 'loads foreign code into the job'
const trust = 'lets somebody else vouch for servers'
const proxy = 'sends requests through a proxy'
const headers = 'prints requests with their headers'

/**
 * Variables with which whoever may start the job could make it send its credentials elsewhere, or print them. Of Node's own
 * (node(1) of 20, 22 and 24), what is not here concerns the REPL, the test runner, colours, warnings or Windows; and how modules
 * are found, of which a command in a single file has none.
 */
const hostile: Readonly<Record<string, string>> = {
  NODE_OPTIONS: code,
  // Compiled code is taken from there, and believed.
  NODE_COMPILE_CACHE: code,
  NODE_ICU_DATA: 'changes what regular expressions match',
  NODE_TLS_REJECT_UNAUTHORIZED: 'turns off the check of TLS certificates',
  NODE_EXTRA_CA_CERTS: trust,
  NODE_USE_SYSTEM_CA: trust,
  // Where Node was built to use OpenSSL's own store of certificates, as some distributions do.
  SSL_CERT_FILE: trust,
  SSL_CERT_DIR: trust,
  NODE_USE_ENV_PROXY: proxy,
  HTTP_PROXY: proxy,
  HTTPS_PROXY: proxy,
  ALL_PROXY: proxy,
  NODE_DEBUG: headers,
  NODE_DEBUG_NATIVE: headers,
  NODE_V8_COVERAGE: 'writes what the job ran to disk',
  NODE_REDIRECT_WARNINGS: 'writes to a file of somebody else’s choice',
  // Read by OpenSSL 3.5 and later, if it was built to.
  SSLKEYLOGFILE: 'writes the keys of connections to disk',
  OPENSSL_CONF: 'changes how TLS works',
  OPENSSL_CONF_INCLUDE: 'changes how TLS works',
  OPENSSL_MODULES: code,
  OPENSSL_ENGINES: code,
  LD_PRELOAD: code,
  LD_LIBRARY_PATH: code,
  LD_AUDIT: code,
  DYLD_INSERT_LIBRARIES: code,
  DYLD_LIBRARY_PATH: code,
  DYLD_FRAMEWORK_PATH: code,
  // The shell of the job's script has run it by now.
  BASH_ENV: code,
  CI_DEBUG_TRACE: 'prints every variable, the credentials too, to the job log',
  CI_DEBUG_SERVICES: 'prints what services do to the job log',
}

/** Variables that name certificate authorities. They change nothing for a run that talks to this machine alone. */
export function trustVariables(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.keys(variables).filter((name) => hostile[name.toUpperCase()] === trust && !isOff(name, variables[name]))
}

/**
 * Refuses to go on in an environment that could be turned against the job.
 * @param allowed names that the plan allows
 * @throws {UsageError} naming every such variable, never its value
 */
export function refuseHostileVariables(variables: Readonly<Record<string, string | undefined>>, allowed: readonly string[]): void {
  const found = Object.entries(variables).flatMap(([name, value]) => {
    // Proxies are also written in lower case; that the others are then refused, too, harms nobody.
    const effect = hostile[name.toUpperCase()]
    return effect === undefined || isOff(name, value) || allowed.includes(name) ? [] : [{ name, effect }]
  })
  if (found.length === 0) return
  const leaked = found.some(({ name }) => name.toUpperCase() === 'CI_DEBUG_TRACE')
  throw new UsageError({
    code: 'usage/hostile-variable',
    what: found.map(({ name, effect }) => `the variable ${name} is set, which ${effect}`).join('\n'),
    next: leaked
      ? 'The log has this job’s credentials by now: replace them, and erase the job log.'
      : `Unset ${found.length === 1 ? 'it' : 'them'} for this job. What belongs here, allow by name in pipeline.ts: new App({ cli: { allow: [${found.map(({ name }) => `'${name}'`).join(', ')}] } }).`,
  })
}

/** GitLab's runner reads its own as Go does. */
function isOff(name: string, value: string | undefined): boolean {
  return value === undefined || value === '' || (name.startsWith('CI_DEBUG_') && /^(?:0|f|false)$/i.test(value))
}
