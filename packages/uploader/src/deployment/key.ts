import { type deploymentVariables, digestOf, type ReleaseManifest } from '@stagegate/schema'

/** Variables about the release for a pipeline: in the plan's values, these names are replaced. */
export type ReleaseVariables = Readonly<Record<(typeof deploymentVariables)[keyof typeof deploymentVariables], string>>

/** The name under which the steps of a deployment are stored. Another manifest means another deployment. */
export function deploymentName(manifest: ReleaseManifest, deployment: string): string {
  return nameOf(manifest, deployment, [])
}

/**
 * The key that names the pipeline of a start, and by which it is found: `acme-1.2.3-production-1f0c9d2e4b6a`. A person can read it, and
 * each start has its own.
 * starts have the same.
 */
export function keyOf(manifest: ReleaseManifest, deployment: string, start: number): string {
  return nameOf(manifest, deployment, [start])
}

function nameOf(manifest: ReleaseManifest, deployment: string, more: readonly number[]): string {
  const { release, version } = manifest
  const readable = [release, version, deployment].map((part) => part.replaceAll(/[^A-Za-z0-9._]+/g, '-').slice(0, 40))
  return [...readable, digestOf([digestOf(manifest), deployment, ...more]).slice(0, 12)].join('-')
}

/** The values in which the release's own are filled in: `v$STAGEGATE_VERSION`, `${STAGEGATE_VERSION}`. */
export function filledIn(values: Readonly<Record<string, string>>, given: ReleaseVariables): Readonly<Record<string, string>> {
  const own: Readonly<Record<string, string>> = { ...given }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
        return own[braced ?? bare ?? ''] ?? whole
      }),
    ]),
  )
}
