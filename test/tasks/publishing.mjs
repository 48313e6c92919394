// Publishes one artifact with the library, as a job would: what tests and measurements share, also in processes of their own.
import { createEnvironment, openRepositories, publish, verify } from '@stagegate/uploader'

/** See publishing.d.mts. */
export function publishOne(what, { kinds, limits, onEvent, signal }) {
  const { manifest, origin } = releaseOf(what)
  const repositories = opened(what, 'write', kinds)
  return publish(manifest, { repositories, origin, limits, onEvent, signal })
}

/** See publishing.d.mts. */
export function verifyOne(what, { kinds, limits }) {
  const { manifest, origin } = releaseOf(what)
  return verify(manifest, { repositories: opened(what, 'users', kinds), origin, limits, deadline: 0 })
}

/** See publishing.d.mts. */
export function originOf(plan, tag) {
  return {
    rehearsal: true,
    instance: 'https://gitlab.example',
    project: { id: 1, path: 'acme/acme' },
    pipeline: 100,
    job: { id: 1, name: 'a job' },
    commit: 'a'.repeat(40),
    ref: { tag },
    pipelineKind: 'release',
    plan,
  }
}

/** A manifest that sends one artifact to these destinations, and the job that says so. */
function releaseOf({ artifact, destinations, version = '1.0.0', tags }) {
  const now = Date.now()
  const origin = originOf('0'.repeat(64), 'v1.0.0')
  const manifest = {
    apiVersion: 'stagegate/v1',
    kind: 'ReleaseManifest',
    origin,
    release: 'acme',
    version,
    targets: [
      {
        target: 'one',
        record: '0'.repeat(64),
        artifacts: [{ ...artifact, repository: 'staging' }],
        destinations: destinations.map((repository) => ({ repository, advisory: false })),
        ...(tags && { tags }),
      },
    ],
    absent: [],
    sealedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 3_600_000).toISOString(),
  }
  return { manifest, origin }
}

function opened({ repositories, destinations, variables = process.env }, forPublic, kinds) {
  const environment = createEnvironment({ variables, base: '.', rehearsal: true })
  const access = new Map([['staging', 'read'], ...destinations.map((name) => [name, forPublic])])
  return openRepositories({ repositories }, access, environment, kinds)
}
