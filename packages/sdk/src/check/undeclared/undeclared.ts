import type { JsonValue } from '@stagegate/schema'
import { isObject, type JobDocument, type PipelineDocument, text } from '../../gitlab/document.js'
import { audiencesIn } from '../../graph/audience.js'
import type { Found } from '../../issue/facts.js'
import type { ReleaseFacts } from '../gate/facts.js'
import { commandIn } from './evidence.js'
import { commandWays, entryWay } from './ways.js'

/** Audiences of ID tokens with which registries let a job publish without another credential. */
export const trustedAudiences = ['npm:registry.npmjs.org', 'pypi', 'testpypi', 'crates.io', 'rubygems.org']

/**
 * Finds ways to the public that a pipeline does not declare, outside the jobs that publish behind the gate. A script can do anything, so
 * this is not a proof: it finds the ways that teams usually use.
 */
export function checkUndeclared({ jobs }: PipelineDocument, facts: ReleaseFacts): readonly Found[] {
  if (facts.publishers.size + facts.credentials.length === 0 && !facts.announces && !facts.trustsJobs) return []
  const published = new Set([...facts.publishers.keys(), ...facts.exempt.keys()])
  const scripted = new Set([...facts.deployments, ...facts.writers, ...facts.imageBuilds])
  return Object.entries(jobs).flatMap(([job, body]): Found[] => {
    if (published.has(job) || job.startsWith('.')) return []
    // Their scripts are known, or deploy and push to staging. The runner makes a release after any script.
    const way = scripted.has(job) ? releaseOf(body, facts) : wayOf(job, body, facts)
    return way === undefined ? [] : [{ job, facts: { code: 'gate/undeclared', job, way } }]
  })
}

function releaseOf(job: JobDocument, { announces }: ReleaseFacts): string | undefined {
  if (assetsOf(job['release']).length > 0) return 'it creates a release with links to files'
  return announces && isObject(job['release']) ? 'it creates an entry on the page of releases' : undefined
}

function wayOf(name: string, job: JobDocument, facts: ReleaseFacts): string | undefined {
  const { places, announces } = facts
  if (job['pages'] !== undefined ? job['pages'] !== false : name === 'pages') return 'it publishes GitLab Pages'
  const release = releaseOf(job, facts)
  if (release !== undefined) return release
  const project = isObject(job['trigger']) ? text(job['trigger']['project']) : text(job['trigger'])
  if (project !== undefined) return `it starts a pipeline of ${project}, which may publish`
  if (audiencesIn(job['id_tokens']).some((audience) => trustedAudiences.includes(audience)))
    return 'it requests an ID token that allows publishing to a registry'
  return commandIn(job, [...places, ...declarable, ...(announces ? entries : [])])?.way.way
}

const declarable = commandWays.filter(({ onlyGuess }) => onlyGuess !== true)
/** Commands that make an entry without files, which is harmless if pages of releases are not a public place. */
const entries = commandWays.filter(({ way }) => way === entryWay)

function assetsOf(release: JsonValue | undefined): readonly JsonValue[] {
  const assets = isObject(release) ? release['assets'] : undefined
  const links = isObject(assets) ? assets['links'] : undefined
  return Array.isArray(links) ? links : []
}
