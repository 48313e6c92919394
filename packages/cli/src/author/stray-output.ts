import { existsSync, readFileSync } from 'node:fs'
import { basename, join, relative, resolve, sep } from 'node:path'
import { checkoutOf } from './local-files.js'

/**
 * The pipeline's path from the top of its checkout, if GitLab does not look there: the author's file is in a folder below the top, and the
 * top-level `.gitlab-ci.yml` does not mention the pipeline.
 */
export function strayOutput(folder: string, output: string): string | undefined {
  // A file with another name must be included somewhere, which synth checks.
  if (basename(output) !== '.gitlab-ci.yml') return undefined
  const top = checkoutOf(resolve(folder))
  if (top === undefined || top === resolve(folder)) return undefined
  const path = relative(top, resolve(folder, output)).split(sep).join('/')
  if (!path.includes('/')) return undefined
  const main = join(top, '.gitlab-ci.yml')
  return existsSync(main) && readFileSync(main, 'utf8').includes(path) ? undefined : path
}
