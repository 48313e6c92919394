/** The effect of a hostile variable on a job. */
export const hostileEffects = {
  code: 'loads other people’s code into the job',
  trust: 'makes the job trust other certificate authorities',
  proxy: 'sends requests through a proxy',
  headers: 'prints requests with their headers',
  names: 'changes how host names are resolved',
  tls: 'changes how TLS works',
} as const

const { code, trust, proxy, headers, names, tls } = hostileEffects

/**
 * Variables with which anybody who can start a job could make it send its credentials elsewhere, or print them, with their effect.
 *
 * - Node: node(1) of 20, 22 and 24. What is not here concerns the REPL, the test runner, colours, warnings or Windows; and how modules
 *   are found, of which a command in a single file has none.
 * - glibc: ld.so(8), resolv.conf(5), gethostbyname(3), iconv(1), locale(7), and the list that it ignores for setuid programs
 *   (`sysdeps/generic/unsecvars.h`).
 * - OpenSSL: openssl-env(7).
 * - Git: none, since the command gives none of Git's variables to the Git that it runs.
 * - GitLab's runner: docs.gitlab.com/ci/variables/variables_troubleshooting.
 */
export const hostileVariables: Readonly<Record<string, string>> = {
  NODE_OPTIONS: code,
  // Compiled code is taken from there, and believed.
  NODE_COMPILE_CACHE: code,
  NODE_ICU_DATA: 'changes what regular expressions match',
  NODE_TLS_REJECT_UNAUTHORIZED: 'turns off TLS certificate checks',
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
  NODE_V8_COVERAGE: 'writes the job’s commands to disk',
  NODE_REDIRECT_WARNINGS: 'writes to a file that somebody else chooses',
  // Read by OpenSSL 3.5 and later, if it was built to.
  SSLKEYLOGFILE: 'writes the connections’ TLS keys to disk',
  OPENSSL_CONF: tls,
  OPENSSL_CONF_INCLUDE: tls,
  OPENSSL_MODULES: code,
  OPENSSL_ENGINES: code,
  OPENSSL_IA32CAP: tls,
  OPENSSL_ARMCAP: tls,
  LD_PRELOAD: code,
  LD_LIBRARY_PATH: code,
  LD_AUDIT: code,
  LD_PROFILE: code,
  GLIBC_TUNABLES: code,
  // Modules that convert characters, and locales, are read from there.
  GCONV_PATH: code,
  LOCPATH: code,
  NLSPATH: code,
  HOSTALIASES: names,
  LOCALDOMAIN: names,
  RES_OPTIONS: names,
  RESOLV_HOST_CONF: names,
  DYLD_INSERT_LIBRARIES: code,
  DYLD_LIBRARY_PATH: code,
  DYLD_FRAMEWORK_PATH: code,
  // The shell of the job's script has run it by now.
  BASH_ENV: code,
  CI_DEBUG_TRACE: 'prints every variable, including credentials, to the job log',
  CI_DEBUG_SERVICES: 'prints the output of services to the job log',
}

/** Whether a job with credentials can need the variable, so that a plan may allow it: a company's proxy, or its authority. */
export function canBeAllowed(name: string): boolean {
  const effect = hostileVariables[name.toUpperCase()]
  return effect === undefined || effect === trust || effect === proxy
}
