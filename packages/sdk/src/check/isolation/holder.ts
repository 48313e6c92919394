import { isDeepStrictEqual } from 'node:util'
import { hostileVariables, type JsonValue, kindVariable } from '@stagegate/schema'
import { isObject, type JobDocument, text, textsOf } from '../../gitlab/document.js'
import { rulesIn } from '../../graph/rules.js'
import type { IssueFacts } from '../../issue/facts.js'
import { linesIn } from '../secrets/command-line.js'
import { installingLine } from './installs.js'

/** Keywords that run other code before the script or next to it, with access to everything that the job sees. */
const beside = ['extends', 'cache', 'services', 'before_script', 'after_script', 'hooks', 'parallel', 'run'] as const

/** Finds other people's code in a job with a credential, or in a job whose result such jobs believe. */
export function checkHolder(job: string, body: JobDocument, made: JobDocument | undefined): readonly IssueFacts[] {
  const inherit = isObject(body['inherit']) ? body['inherit'] : {}
  return [
    ...beside.filter((keyword) => !isEmpty(body[keyword])).map((keyword) => ({ code: 'isolation/keyword', job, keyword }) as const),
    ...(['default', 'variables'] as const)
      .filter((what) => !isLeftOut(inherit[what]))
      .map((what) => ({ code: 'isolation/inherits', job, what }) as const),
    ...(hasOwnFolder(body, made) ? [] : [{ code: 'isolation/checkout', job, strategy: strategyOf(body) } as const]),
    ...(made === undefined ? [] : differences(job, body, made)),
  ]
}

/**
 * Whether its folder contains no file of another job. Stagegate's own jobs refuse to run with a different strategy than the generated one.
 */
function hasOwnFolder(body: JobDocument, made: JobDocument | undefined): boolean {
  const [strategy, own] = [strategyOf(body), made === undefined ? undefined : strategyOf(made)]
  if (made === undefined) return strategy === 'empty' || strategy === 'none'
  return own === undefined || strategy === own
}

function strategyOf({ variables }: JobDocument): string | undefined {
  return textsOf(variables)['GIT_STRATEGY']
}

/** Code that the author adds to a job with a credential. */
export function checkOwnCode(job: string, body: JobDocument): readonly IssueFacts[] {
  const line = installingLine(body)
  return line === undefined ? [] : [{ code: 'isolation/installs', job, line }]
}

/** Changes of the job's code by patches, overrides and included files. */
function differences(job: string, body: JobDocument, made: JobDocument): readonly IssueFacts[] {
  const [image, own] = [body['image'], made['image']].map(nameOf)
  const entrypoint = isObject(body['image']) ? body['image']['entrypoint'] : undefined
  const lines = linesIn(body['script'])
  const missing = linesIn(made['script']).find((line) => !lines.includes(line))
  const added = lines.find((line) => !linesIn(made['script']).includes(line))
  // A line that installs packages is reported as that.
  const installing = installingLine(body)
  const changed =
    added === installing && added !== undefined
      ? undefined
      : (added ?? missing ?? (isDeepStrictEqual(lines, linesIn(made['script'])) ? undefined : lines[0]))
  return [
    ...(image === own || image?.includes('@sha256:') === true ? [] : [{ code: 'isolation/image', job, image: image ?? '' } as const]),
    ...(isEmpty(entrypoint) ? [] : [{ code: 'isolation/keyword', job, keyword: 'image:entrypoint' } as const]),
    ...(changed === undefined
      ? []
      : [{ code: 'isolation/script', job, line: changed, is: added === undefined ? 'missing' : 'added' } as const]),
    ...hostileIn(body, made).map((variable) => ({ code: 'isolation/variable', job, variable }) as const),
    ...addedArtifacts(body, made).map((glob) => ({ code: 'isolation/overlap', job, glob }) as const),
  ]
}

function nameOf(image: JsonValue | undefined): string | undefined {
  return isObject(image) ? text(image['name']) : text(image)
}

/** Variables of the job or of its rules that can be used against its command. Those that Stagegate set itself are left out. */
function hostileIn(body: JobDocument, made: JobDocument): readonly string[] {
  const own = new Set(variablesOf(made).map(([name, value]) => `${name}=${value}`))
  return variablesOf(body).flatMap(([name, value]) => {
    const isHostile = Object.hasOwn(hostileVariables, name.toUpperCase()) || ['PATH', 'GIT_CLONE_PATH'].includes(name)
    return isHostile || (name.startsWith('STAGEGATE_') && !own.has(`${name}=${value}`)) ? [name] : []
  })
}

function variablesOf(job: JobDocument): readonly (readonly [name: string, value: string])[] {
  return [job, ...rulesIn(job)].flatMap(({ variables }) => Object.entries(textsOf(variables)))
}

/** Files that the job keeps besides its own: they are unpacked in the folder of every job that needs it. */
function addedArtifacts(body: JobDocument, made: JobDocument): readonly string[] {
  const [globs, own] = [body, made].map(({ artifacts }) => {
    const { paths, untracked, reports } = isObject(artifacts) ? artifacts : {}
    const dotenv = isObject(reports) ? reports['dotenv'] : undefined
    return [...listOf(paths), ...listOf(dotenv), ...(untracked === true ? ['untracked files'] : [])]
  })
  return (globs ?? []).filter((glob) => own?.includes(glob) !== true)
}

function listOf(value: JsonValue | undefined): readonly string[] {
  return [value ?? []].flat().map(String)
}

/** The name of the pipeline's kind is harmless. */
function isLeftOut(value: JsonValue | undefined): boolean {
  return value === false || (Array.isArray(value) && value.every((name) => name === kindVariable))
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}
