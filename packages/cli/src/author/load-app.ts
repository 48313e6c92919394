import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '@stagegate/schema'
import type { Synthesis, SynthOptions } from '@stagegate/sdk'
import { AuthorError } from './author-error.js'

/** An app, from any copy of the SDK that the author's file imports. */
export interface LoadedApp {
  /** The project's folder, relative to that of the file. */
  readonly root?: string | undefined
  synth(options?: SynthOptions): Synthesis
}

/**
 * Loads the author's file without a build step: directly if Node strips types itself and treats it as a module, otherwise through jiti.
 * @param alias files that replace packages which are not installed yet
 * @throws {UsageError} no such file, or it exports no app
 * @throws {AuthorError} the file throws, or cannot be read as TypeScript
 */
export async function loadApp(path: string, alias?: Readonly<Record<string, string>>): Promise<LoadedApp> {
  const file = resolve(path)
  if (!existsSync(file)) {
    throw new UsageError({
      code: 'usage/no-pipeline',
      what: 'there is no such file',
      where: path,
      next: 'Run the command in the folder of pipeline.ts, or name the file: stagegate synth PATH.',
    })
  }
  const exported = await importDefault(file, alias)
  if (isApp(exported)) return exported
  throw new UsageError({
    code: 'usage/no-app',
    what: 'its default export is not an App',
    where: path,
    next: 'End it with: export default app',
  })
}

async function importDefault(file: string, alias: Readonly<Record<string, string>> | undefined): Promise<unknown> {
  try {
    if (alias !== undefined || (file.endsWith('.ts') && !(stripsTypes() && isModule(dirname(file)))))
      return await jitiImport(file, alias ?? {})
    const module: { default?: unknown } = await import(pathToFileURL(file).href)
    return module.default
  } catch (error) {
    throw AuthorError.from(error, file)
  }
}

function stripsTypes(): boolean {
  return 'typescript' in process.features && Boolean(process.features.typescript)
}

/** Whether Node treats files of this folder as modules: `npm init` writes that they are not. */
function isModule(folder: string): boolean {
  const manifest = join(folder, 'package.json')
  if (existsSync(manifest)) return /"type"\s*:\s*"module"/.test(readFileSync(manifest, 'utf8'))
  return dirname(folder) === folder || isModule(dirname(folder))
}

async function jitiImport(file: string, alias: Readonly<Record<string, string>>): Promise<unknown> {
  const { createJiti } = await import('jiti')
  process.setSourceMapsEnabled(true)
  return createJiti(file, { sourceMaps: true, interopDefault: false, alias: { ...alias } }).import(file, { default: true })
}

/** By the brand, not by class: the author's file and this command can have loaded two copies of the SDK. */
function isApp(value: unknown): value is LoadedApp {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.for('stagegate.app') in value &&
    'synth' in value &&
    typeof value.synth === 'function'
  )
}
