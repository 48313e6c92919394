import { isArchitecture, isIndexField, isSuiteName } from '@stagegate/schema'
import { checked, flag } from '../form/keyword.js'
import { fields, list } from '../form/keyword-forms.js'
import { anything, expectOptions } from '../form/props.js'
import type { RepositoryAddress } from './address.js'
import { byDistribution, checkedByDistribution, type TreeOptions, treeAddress, treeForm } from './tree.js'

/** The options of `aptRepository`. */
export interface AptRepositoryOptions extends TreeOptions {
  /**
   * The suite of all packages, `stable`; or that of each distribution: `{ 'ubuntu/jammy': 'jammy', 'debian/bookworm': 'bookworm' }`.
   * @default the distribution's second part: `jammy`
   */
  readonly suite?: string | Readonly<Record<string, string>>
  /** @default main */
  readonly component?: string
  /** Architectures that a new suite has an index for, so that clients of others are not warned. @default amd64 and arm64 */
  readonly architectures?: readonly string[]
  /** Who the packages come from, as clients pin it. A suite keeps the one that it began with. @default none */
  readonly origin?: string
  /** Their kind, as clients pin it. A suite keeps the one that it began with. @default none */
  readonly label?: string
  /** One line for people. @default none */
  readonly description?: string
  /** Whether indices also stand under plain names, for mirrors and old clients. @default true */
  readonly plainNames?: boolean
}

const suiteName = checked<string>({ expected: 'the name of a suite such as stable', fits: isText(isSuiteName) }, String)
const component = checked<string>({ expected: 'a component such as main', fits: isText(isSuiteName) }, String)
const architecture = checked<string>({ expected: 'an architecture such as amd64', fits: isText(isArchitecture) }, String)
const field = checked<string>({ expected: 'one line of text', fits: isText(isIndexField) }, String)

function isText(fits: (text: string) => boolean): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && fits(value)
}

const form = fields<AptRepositoryOptions>(
  {
    on: anything,
    ...treeForm,
    suite: byDistribution(suiteName),
    component,
    architectures: list(architecture),
    origin: field,
    label: field,
    description: field,
    plainNames: flag,
  },
  'on',
  'signWith',
)

/**
 * A repository for apt in a bucket or a directory, without a package server. Any number of jobs and pipelines can publish into a suite at the same
 * time: nothing that it lists is lost, and no client ever sees half of a change.
 *
 * A suite begins with its first package. One that aptly, reprepro or deb-s3 wrote goes on, if `certificates` has the key that signed it.
 *
 * @throws {TypeError} a place that cannot hold an index, a name that is none, one variable for two credentials
 * @example
 * const packages = s3('acme-packages', { region: 'eu-central-1', prefix: 'linux', credentials })
 * const apt = new PublicRepo(app, 'apt', { at: aptRepository({ on: packages, path: 'debian', signWith: Secret.file('APT_KEY') }) })
 */
export function aptRepository(options: AptRepositoryOptions): RepositoryAddress {
  expectOptions(options, form, 'aptRepository')
  const { suite, component, architectures, origin, label, description, plainNames } = options
  const settings = {
    suite: checkedByDistribution(suite, 'suite', 'ubuntu/jammy'),
    component,
    architectures: architectures && [...architectures],
    origin,
    label,
    description,
    plainNames,
  }
  return treeAddress(options, { type: 'apt', format: 'deb', settings })
}
