import { isDeepStrictEqual } from 'node:util'
import { hostileVariables, type JsonValue, kindVariable } from '@stagegate/schema'
import { isObject, type JobDocument, text, textsOf } from '../../gitlab/document.js'
import { rulesIn } from '../../graph/rules.js'
import type { IssueFacts } from '../../issue/facts.js'
import { linesIn } from '../secrets/command-line.js'
import { installingLine } from './installs.js'

/** Keywords that run code beside the script or before it, with everything that the job can see. */
const beside = ['extends', 'cache', 'services', 'before_script', 'after_script', 'hooks', 'parallel', 'run'] as const

/** Finds foreign code in a job with a credential, or in one whose result such jobs believe. */
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

/** Whether no file of another job lies in its folder. A job of Stagegate's refuses to run with another strategy than it was made with. */
function hasOwnFolder(body: JobDocument, made: JobDocument | undefined): boolean {
  const [strategy, own] = [strategyOf(body), made === undefined ? undefined : strategyOf(made)]
  if (made === undefined) return strategy === 'empty' || strategy === 'none'
  return own === undefined || strategy === own
}

function strategyOf({ variables }: JobDocument): string | undefined {
  return textsOf(variables)['GIT_STRATEGY']
}

/** Code that a job with a credential brings along by itself. */
export function checkOwnCode(job: string, body: JobDocument): readonly IssueFacts[] {
  const line = installingLine(body)
  return line === undefined ? [] : [{ code: 'isolation/installs', job, line }]
}

/** Where patches, overrides and included files have changed the code that such a job runs. */
function differences(job: string, body: JobDocument, made: JobDocument): readonly IssueFacts[] {
  const [image, own] = [body['image'], made['image']].map(nameOf)
  const entrypoint = isObject(body['image']) ? body['image']['entrypoint'] : undefined
  const lines = linesIn(body['script'])
  const missing = linesIn(made['script']).find((line) => !lines.includes(line))
  const added = lines.find((line) => !linesIn(made['script']).includes(line))
  // A line that installs is reported as that.
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

/** Variables of the job or of its rules with which its command is turned against it. Stagegate's own are as it made them. */
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

/** Files that the job leaves behind beside its own: they land in the folder of whatever needs it. */
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

/** The name of the pipeline's kind does no harm. */
function isLeftOut(value: JsonValue | undefined): boolean {
  return value === false || (Array.isArray(value) && value.every((name) => name === kindVariable))
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}
