import type { Construct as Scope } from 'constructs'
import { Construct } from '../construct.js'
import { checked, isRecord, type Keyword, text } from '../form/keyword.js'
import { fields, json, list } from '../form/keyword-forms.js'
import { credential, secret } from '../form/props.js'
import type { IssueFacts } from '../issue/facts.js'
import { type AddressPage, atOwnProject, isTree, ownPlaceOf, type RepositoryAddress, storeOf } from '../repository/index.js'
import { isEverywhere, type Secret } from '../secret.js'
import { settingsOf } from '../settings.js'

export interface RepositoryProps {
  readonly at: RepositoryAddress
}

export interface PublicRepoProps extends RepositoryProps {
  /**
   * The reason to publish in the project itself, where each of its jobs can write with its own token. GitLab then keeps no job from
   * publishing, and the gate depends on the code that the project's jobs run. The reason appears in the output's header.
   *
   * @default such a place is refused
   * @example
   * new PublicRepo(app, 'release', { at: gitlabRelease(), trustsJobs: 'maintainers review what jobs run' })
   */
  readonly trustsJobs?: string | undefined
}

const addressWith = (write: Keyword<Secret>) =>
  fields<RepositoryAddress>(
    {
      type: text,
      module: text,
      origin: text,
      ca: text,
      formats: list(text),
      read: list(credential),
      write: list(write),
      settings: json,
      page: fields<AddressPage>({ notes: text, ref: text }),
    },
    'type',
    'origin',
    'formats',
    'read',
    'write',
    'settings',
  )
const address = addressWith(credential)
/** Signing keys are not sent to a server, so they can be in variables of type File. */
const treeAddress = addressWith(secret)
const notAnAddress: Keyword<RepositoryAddress> = checked({ expected: 'an address, such as directory(…)', fits: isRecord }, () => null)
const at: Keyword<RepositoryAddress> = {
  render(value, at, report) {
    const known = isRecord(value) ? (isTree(value) ? treeAddress : address) : notAnAddress
    return known.render(value, at, report)
  },
}
const reason: Keyword<string> = checked({ expected: 'a reason', fits: (value) => typeof value === 'string' && value.trim() !== '' }, String)
const form = fields<RepositoryProps>({ at }, 'at')
const publicForm = fields<PublicRepoProps>({ at, trustsJobs: reason }, 'at')

/** The names become parts of environment names, and keys of the plan. */
function isRepositoryName(name: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9_. /-]{0,198}[A-Za-z0-9_.-])?$/.test(name) && !['constructor', 'prototype'].includes(name)
}

function isLocal({ type }: RepositoryAddress): boolean {
  return type === 'directory' || type === 'oci-layout'
}

/** Where it is, for this app; `undefined` if neither address nor app says so. */
function placeIn(repository: Construct, at: RepositoryAddress): RepositoryAddress | undefined {
  return atOwnProject(at, settingsOf(repository).project)
}

/** The address means the app's own project, but the project or its registry is unknown. */
function nowhere(repository: Construct, { type }: RepositoryAddress): IssueFacts {
  const { url, path } = settingsOf(repository).project
  return { code: 'routes/own-project', repository: repository.node.id, type, gitlab: url, ...(path !== undefined && { project: path }) }
}

/** A private repository: artifacts wait there, and deployments install from it. */
export class StagingRepo extends Construct {
  /** Keeps the types of staging and public repositories apart, in both directions. */
  declare private readonly _staging: never
  readonly at: RepositoryAddress

  constructor(scope: Scope, id: string, props: RepositoryProps) {
    super(scope, id, new.target)
    this.checkProps(props, form)
    const at = placeIn(this, props.at)
    if (at === undefined) this.report(nowhere(this, props.at))
    this.at = at ?? props.at
    if (!isRepositoryName(id)) this.report({ code: 'routes/repository-name', repository: id })
    if (this.at.page !== undefined) this.report({ code: 'routes/page-as-staging', repository: id })
  }
}

/** A public repository: users install from it. Nothing there is ever overwritten or deleted. */
export class PublicRepo extends Construct {
  declare private readonly _public: never
  readonly at: RepositoryAddress
  readonly trustsJobs: string | undefined

  constructor(scope: Scope, id: string, props: PublicRepoProps) {
    super(scope, id, new.target)
    this.checkProps(props, publicForm)
    this.trustsJobs = props.trustsJobs
    const found = placeIn(this, props.at)
    if (found === undefined) this.report(nowhere(this, props.at))
    const at = found ?? props.at
    this.at = at
    if (!isRepositoryName(id)) this.report({ code: 'routes/repository-name', repository: id })
    if (!isLocal(storeOf(at)) && at.write.length === 0) this.report({ code: 'secrets/none', repository: id })
    const { url, path } = settingsOf(this).project
    // The check of places reports more about one in the project itself.
    if (ownPlaceOf(at, url, path) === 'own') return
    for (const secret of at.write)
      if (isEverywhere(secret)) this.report({ code: 'secrets/everywhere', repository: id, variable: secret.variable })
  }

  /** The same repository as an advisory one, such as a mirror or an archive: its failure is reported and fails nothing. */
  get advisory(): Destination {
    return { repo: this, advisory: true }
  }
}

export type Destination = PublicRepo | { readonly repo: PublicRepo; readonly advisory: true }
