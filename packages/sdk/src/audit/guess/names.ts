/** Verbs that say by themselves that something is made public. */
const verbs = ['publish', 'release', 'upload', 'promote', 'publishing', 'publication']
/** Verbs that say so together with a place. */
const movers = ['deploy', 'push', 'ship', 'send']
/** Places where users install from. */
const places = [
  ...['pypi', 'npm', 'npmjs', 'dockerhub', 'registry', 'crates', 'cratesio', 'maven', 'sonatype', 'central', 'nexus', 'artifactory'],
  ...['rubygems', 'gem', 'nuget', 'packagecloud', 'apt', 'yum', 'deb', 'rpm', 'homebrew', 'brew', 'chocolatey', 'snap', 'snapcraft'],
  ...['flathub', 'ghcr', 'quay', 'hex', 'cran', 'conda', 'appstore', 'playstore', 'testflight', 'cdn', 'pages', 'public'],
]
/** Work around a release that publishes nothing. */
const others = [
  ...['test', 'tests', 'lint', 'check', 'verify', 'validate', 'build', 'compile', 'prepare', 'notes', 'changelog', 'dry', 'dryrun'],
  ...['draft', 'clean', 'cleanup', 'stop', 'delete', 'unpublish', 'notify', 'wait', 'review', 'approve', 'coverage', 'cache', 'sign'],
  ...['rollback', 'remove', 'prune', 'branch', 'checks', 'report', 'reports', 'results', 'logs', 'metrics', 'sourcemap', 'sourcemaps'],
  ...['symbols', 'staging', 'qa', 'sandbox'],
]

/** Environments that users do not see. */
const inner = ['staging', 'review', 'test', 'testing', 'dev', 'development', 'qa', 'preview']

/** The word of a job's name that says that it publishes: `deploy-to-pypi`. */
export function publishingName(name: string): string | undefined {
  const words = wordsOf(name)
  if (words.some((word) => others.includes(word))) return undefined
  const verb = words.find((word) => verbs.includes(word))
  if (verb !== undefined) return verb
  const mover = words.find((word) => movers.includes(word))
  const place = words.find((word) => places.includes(word))
  return mover === undefined || place === undefined ? undefined : `${mover} … ${place}`
}

/** The same for the name of an environment: `public/stable`, `production/pypi`. */
export function publicEnvironment(name: string): string | undefined {
  const words = wordsOf(name)
  if (words.some((word) => inner.includes(word))) return undefined
  return words.find((word) => places.includes(word) || word === 'release' || word === 'releases' || word === 'publish')
}

function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
}
