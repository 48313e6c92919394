import type { JsonValue } from '@stagegate/schema'
import { isObject, type JobDocument, type PipelineDocument, text } from '../../gitlab/document.js'
import { audiencesIn } from '../../graph/audience.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { linesIn } from '../secrets/command-line.js'

/** Commands with which packages and images are usually made public, and calls of GitLab's API that do. */
const commands: readonly (readonly [way: string, pattern: RegExp])[] = [
  [
    'it pushes an image',
    /\b(?:docker|podman|nerdctl|buildah|img|oras|regctl image|crane|helm|singularity|apptainer|flux|ko)\s+(?:\S+\s+)*?push\b/,
  ],
  [
    'it pushes an image',
    /\b(?:buildx\s+build|buildx\s+bake|nerdctl\s+build|podman\s+build)\b.*\s--push\b|\bskopeo\s+(?:copy|sync)\b|\b(?:crane|regctl\s+image)\s+copy\b/,
  ],
  [
    'it pushes an image',
    /\/kaniko\/executor\b.*--destination|\bexecutor\b.*--destination|\bbuildctl\b.*push=true|\bko\s+(?:build|publish|apply)\b/,
  ],
  [
    'it publishes a package',
    /\b(?:npm|pnpm|bun|yarn|yarn\s+npm|lerna|cargo|poetry|uv|hatch|flit|pdm|gradle|\.\/gradlew|dart\s+pub|flutter\s+pub)\s+(?:\S+\s+)*?publish\b/,
  ],
  [
    'it publishes a package',
    /\btwine\s+upload\b|\bgem\s+push\b|\b(?:dotnet\s+)?nuget\s+push\b|\bconan\s+upload\b|\bpackage_cloud\s+(?:push|promote)\b|\bpod\s+trunk\s+push\b/,
  ],
  [
    'it publishes a package',
    /\b(?:mvn|mvnw|\.\/mvnw)\s+(?:\S+\s+)*?deploy\b|\bsbt\s+\S*publish|\bgoreleaser\s+release\b|\bsemantic-release\b|\bmix\s+hex\.publish\b|\bvsce\s+publish\b/,
  ],
  ['it makes a release with files', /\b(?:gh|glab)\s+release\s+(?:create|upload)\b|\brelease-cli\b.*--assets-link/],
  [
    'it uploads to a package registry of GitLab',
    /\/packages\/(?:generic|maven|npm|pypi|nuget|conan|composer|helm|rubygems|terraform|ml_models)\b/,
  ],
  ['it starts a job or a pipeline by the API', /\/jobs\/[^\s/]+\/play\b|\/trigger\/pipeline\b|\/ref\/[^\s/]+\/trigger\/pipeline\b/],
]

/** Audiences of ID tokens with which registries let a job publish without another credential. */
const trusted = ['npm:registry.npmjs.org', 'pypi', 'testpypi', 'crates.io', 'rubygems.org', 'sigstore']

/**
 * The ways to the public that a pipeline does not declare, outside the jobs that publish behind the gate. A script can do anything, so
 * this is no proof: it names the ways that teams use.
 */
export function checkUndeclared({ jobs }: PipelineDocument, facts: ReleaseFacts): readonly Found[] {
  if (facts.publishers.size + facts.credentials.length === 0) return []
  const left = [...facts.publishers.keys(), ...facts.deployments, ...facts.exempt.keys(), ...facts.writers, ...facts.imageBuilds]
  const known = new Set(left)
  return Object.entries(jobs).flatMap(([job, body]): Found[] => {
    if (known.has(job) || job.startsWith('.')) return []
    const way = wayOf(job, body, facts)
    return way === undefined ? [] : [{ job, facts: { code: 'gate/undeclared', job, way } }]
  })
}

function wayOf(name: string, job: JobDocument, { places }: ReleaseFacts): string | undefined {
  if (job['pages'] !== undefined ? job['pages'] !== false : name === 'pages') return 'it publishes GitLab Pages'
  if (assetsOf(job['release']).length > 0) return 'it makes a release with links to files'
  const project = isObject(job['trigger']) ? text(job['trigger']['project']) : text(job['trigger'])
  if (project !== undefined) return `it starts a pipeline of ${project}, which may publish`
  if (audiencesIn(job['id_tokens']).some((audience) => trusted.includes(audience)))
    return 'it asks for an ID token with which a registry lets it publish'
  return ['before_script', 'script', 'after_script', 'run']
    .flatMap((section) => linesIn(asLines(job[section])))
    .reduce<string | undefined>(
      (found, line) =>
        found ?? places.find(({ pattern }) => pattern.test(line))?.way ?? commands.find(([, pattern]) => pattern.test(line))?.[0],
      undefined,
    )
}

function assetsOf(release: JsonValue | undefined): readonly JsonValue[] {
  const assets = isObject(release) ? release['assets'] : undefined
  const links = isObject(assets) ? assets['links'] : undefined
  return Array.isArray(links) ? links : []
}

/** The scripts of `run` stand in its steps. */
function asLines(value: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(value) ? value.map((one) => (isObject(one) ? (one['script'] ?? '') : one)) : value
}
