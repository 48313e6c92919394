import { isKeyPrefix } from '@stagegate/schema'
import { text } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { anything, expectOptions } from '../form/props.js'
import type { RepositoryAddress } from './address.js'
import { isStore, storesSaid } from './tree.js'

/** The options of `files`. */
export interface FilesOptions {
  /** Where they lie: `s3(…)`, `gcs(…)`, `directory(…)`, `httpFiles(…)`, or a store of your own, whose kind a `module` brings. */
  readonly on: RepositoryAddress
  /** The folder that it begins at there: `releases`. @default all of it */
  readonly path?: string
}

const form = fields<FilesOptions>({ on: anything, path: text }, 'on')

/**
 * .deb and .rpm packages and plain files by path, on any store; several repositories can lie in folders of one. A package lies at
 * `DISTRIBUTION/FILE`, a plain file at its own path, in which its `FileTarget` has the version.
 *
 * @throws {TypeError} a place that is no store, a folder that is none
 * @example
 * const packages = s3('acme-packages', { region: 'eu-central-1', credentials })
 * const downloads = new PublicRepo(app, 'downloads', { at: files({ on: packages, path: 'releases' }) })
 */
export function files(options: FilesOptions): RepositoryAddress {
  expectOptions(options, form, 'files')
  const { on, path } = options
  if (!isStore(on)) throw new TypeError(`Expected a store, ${storesSaid}, in on`)
  if (path !== undefined && /[{}]/.test(path))
    throw new TypeError(
      `Expected a folder such as releases in path, got ${JSON.stringify(path)}. It is the same for all versions: put the version into the path of a FileTarget, path: 'acme/{version}'; packages have it in their names`,
    )
  if (path !== undefined && !isKeyPrefix(path))
    throw new TypeError(`Expected a folder such as releases, without slashes at its ends, in path, got ${JSON.stringify(path)}`)
  const { settings, type, ...address } = on
  return {
    ...address,
    type: 'files',
    formats: ['deb', 'rpm', 'file'],
    settings: { on: { type, ...settings }, ...(path !== undefined && { path }) },
  }
}
