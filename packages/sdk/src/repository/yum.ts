import { isKeyPrefix } from '@stagegate/schema'
import { checked, flag } from '../form/keyword.js'
import { fields } from '../form/keyword-forms.js'
import { anything, expectOptions } from '../form/props.js'
import type { RepositoryAddress } from './address.js'
import { byDistribution, checkedByDistribution, type TreeOptions, treeAddress, treeForm } from './tree.js'

/** The options of `yumRepository`. */
export interface YumRepositoryOptions extends TreeOptions {
  /** The folder of all packages, `stable`; or that of each distribution: `{ 'el/9': 'el9' }`. @default the distribution: `el/9` */
  readonly folder?: string | Readonly<Record<string, string>>
  /**
   * Whether the index has a signature beside it, `repomd.xml.asc`, for clients with `repo_gpgcheck`. The two files cannot move together, so such a
   * client can fail in the moment between; one that checks the packages' own signatures (`gpgcheck`) cannot. @default false
   */
  readonly indexSignature?: boolean
}

const folderName = checked<string>(
  { expected: 'a folder such as el/9', fits: (value) => typeof value === 'string' && isKeyPrefix(value) },
  String,
)
const form = fields<YumRepositoryOptions>(
  {
    on: anything,
    ...treeForm,
    folder: byDistribution(folderName),
    indexSignature: flag,
  },
  'on',
  'signWith',
)

/**
 * A repository for yum, dnf and zypper in a bucket or a directory, without a package server. Any number of jobs and pipelines can publish into it at
 * the same time: nothing that it lists is lost, and no client ever sees half of a change.
 *
 * It begins with its first package. One that createrepo_c wrote goes on, if its repomd.xml is signed by a key of `certificates`.
 *
 * @throws {TypeError} a place that cannot hold an index, a name that is none, one variable for two credentials
 * @example
 * const packages = s3('acme-packages', { region: 'eu-central-1', prefix: 'linux', credentials })
 * const yum = new PublicRepo(app, 'yum', { at: yumRepository({ on: packages, path: 'rpm', signWith: Secret.file('RPM_KEY') }) })
 */
export function yumRepository(options: YumRepositoryOptions): RepositoryAddress {
  expectOptions(options, form, 'yumRepository')
  const { folder, indexSignature } = options
  const settings = { folder: checkedByDistribution(folder, 'folder', 'el/9'), indexSignature }
  return treeAddress(options, { type: 'yum', format: 'rpm', settings })
}
