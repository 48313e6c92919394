import { commandIn } from '../../check/undeclared/evidence.js'
import { trustedAudiences } from '../../check/undeclared/undeclared.js'
import { commandWays } from '../../check/undeclared/ways.js'
import { isObject, type JobDocument, text } from '../../gitlab/document.js'
import { audiencesIn } from '../../graph/audience.js'
import { environmentOf } from '../../graph/environment.js'
import { publicEnvironment, publishingName } from './names.js'

/** The reason why a job seems to publish. */
export interface Suspicion {
  readonly by: 'command' | 'keyword' | 'token' | 'environment' | 'name'
  /** As a clause: `it pushes an image`. */
  readonly way: string
  /** The words of the file that tell. */
  readonly words: string
  /** The condition under which it is so. */
  readonly premise: string
  /** The text to look for in the file; the job's own line stands for it where there is none. */
  readonly line?: string
}

/** Why a job seems to publish: what it calls counts more than what it is called. */
export function suspicionOf(name: string, job: JobDocument): Suspicion | undefined {
  return byCommand(job) ?? byKeyword(name, job) ?? byToken(job) ?? byEnvironment(job) ?? byName(name)
}

function byCommand(job: JobDocument): Suspicion | undefined {
  const found = commandIn(job, commandWays)
  if (found === undefined) return undefined
  const { way, premise } = found.way
  const own = /\$\{?CI_REGISTRY/.test(found.line) && way === 'it pushes an image'
  return { by: 'command', way, words: found.words, line: found.line, premise: own ? 'the project’s container registry is public' : premise }
}

function byKeyword(name: string, job: JobDocument): Suspicion | undefined {
  const { pages, release } = job
  if (pages !== undefined ? pages !== false : name === 'pages')
    return { by: 'keyword', way: 'it publishes GitLab Pages', words: 'pages', line: 'pages:', premise: 'the site is public' }
  if (!isObject(release)) return undefined
  const tag = text(release['tag_name'])
  return {
    by: 'keyword',
    way: 'it creates a GitLab release',
    words: tag === undefined ? 'release' : `release: ${tag}`,
    line: 'release:',
    premise: 'the project is public',
  }
}

function byToken(job: JobDocument): Suspicion | undefined {
  const audience = audiencesIn(job['id_tokens']).find((one) => trustedAudiences.includes(one))
  return audience === undefined
    ? undefined
    : {
        by: 'token',
        way: 'it requests an ID token that allows publishing to a registry',
        words: `aud: ${audience}`,
        line: audience,
        premise: 'the registry trusts this project',
      }
}

function byEnvironment(job: JobDocument): Suspicion | undefined {
  const name = environmentOf(job)
  const { environment } = job
  if (name === undefined || (isObject(environment) && ['stop', 'verify', 'access'].includes(String(environment['action']))))
    return undefined
  return publicEnvironment(name) === undefined
    ? undefined
    : {
        by: 'environment',
        way: 'the name of its environment suggests a public place',
        words: `environment: ${name}`,
        line: name,
        premise: 'the environment is what its name suggests',
      }
}

function byName(name: string): Suspicion | undefined {
  const words = publishingName(name)
  return words === undefined
    ? undefined
    : { by: 'name', way: 'only its name suggests it', words, premise: 'the job does what its name suggests' }
}
