import type { JobDocument } from '../../gitlab/document.js'
import type { VaultPlace } from '../../secret.js'
import type { SourceLocation } from '../../source-location.js'
import { type Included, nothingIncluded } from '../include/whole.js'
import { anyStart, type Start } from './start.js'

/** Facts that the document does not contain: which jobs publish, what must come before, and which jobs are exempt. */
export interface ReleaseFacts {
  /** The jobs that a release makes to publish, with the jobs that must succeed before each, by kind. */
  readonly publishers: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
  /** The same for a job that belongs to no release: the gates of all of them. A missing kind publishes nothing. */
  readonly gates: ReadonlyMap<string, readonly string[]>
  /** Hand-written jobs that publish behind the gate: their scripts are the author's. */
  readonly byHand: ReadonlySet<string>
  /** The jobs that upload to staging. */
  readonly stagers: ReadonlyMap<string, StagerFacts>
  /** Every job that deploys, or confirms what was deployed. */
  readonly deployments: ReadonlySet<string>
  /** Deployments that start a pipeline on another GitLab, and the variables with their tokens. */
  readonly remotes: ReadonlyMap<string, readonly string[]>
  /** The jobs from which a publishing job may take artifacts: prepare, seals, approvals. */
  readonly feeders: ReadonlySet<string>
  /** The jobs that build images: they push them to staging. */
  readonly imageBuilds: ReadonlySet<string>
  /** The jobs that Stagegate makes to write below `.stagegate/`. */
  readonly writers: ReadonlySet<string>
  /** The jobs as Stagegate made them, before overrides, patches and included files. */
  readonly made: ReadonlyMap<string, JobDocument>
  /** How long a job's artifacts are needed, in seconds. */
  readonly kept: ReadonlyMap<string, number>
  /** The credentials with which public repositories are written to. */
  readonly credentials: readonly Credential[]
  /**
   * Whether environments below `public/` have such credentials. That is Stagegate's convention; it applies once somebody says what
   * publishes.
   */
  readonly hasScopes: boolean
  /** The variables that jobs declare as secrets. */
  readonly secrets: ReadonlyMap<string, readonly string[]>
  /** Declared secrets that contain the path of a file, wherever they are declared. */
  readonly files: ReadonlySet<string>
  /** The texts with which a script would name a public repository, and their meaning. */
  readonly places: readonly { readonly pattern: RegExp; readonly way: string }[]
  /** Whether a page of releases is a public place: then an entry there is public on its own. */
  readonly announces: boolean
  /** Whether a public place is written to with the token that every job has: then credentials do not show which job publishes. */
  readonly trustsJobs: boolean
  /** Jobs that publish outside the gate, and the reason. */
  readonly exempt: ReadonlyMap<string, { readonly publishes: string; readonly because: string }>
  readonly sources: ReadonlyMap<string, SourceLocation>
  /** The jobs from which `parallel` made copies, by the names of the copies. */
  readonly origins: ReadonlyMap<string, string>
  readonly included: Included
  /** Facts about every such pipeline that its document does not show; for a child, they come from the job that starts it. */
  readonly start: Start
}

export interface Credential {
  readonly repository: string
  readonly variable: string
  /** Where GitLab fetches it from, unless it is a variable of the project. */
  readonly vault?: FetchedFrom | undefined
  /** For an ID token: its audience, since each job may give the token its own name. */
  readonly idToken?: { readonly aud: string } | undefined
}

/** A place in Vault, with the kind of the engine there. */
export interface FetchedFrom extends VaultPlace {
  /** @default kv-v2 */
  readonly engine?: string | undefined
}

export interface StagerFacts {
  /** The job that builds the artifacts that it stages. */
  readonly build: string
  /** The seal that contains its record. */
  readonly seal: string
  /** Whether the seal's release is incomplete without it. */
  readonly required: boolean
}

/** The facts of a pipeline of which only the document is known. */
export const noFacts: ReleaseFacts = {
  publishers: new Map(),
  gates: new Map(),
  byHand: new Set(),
  stagers: new Map(),
  deployments: new Set(),
  remotes: new Map(),
  feeders: new Set(),
  imageBuilds: new Set(),
  writers: new Set(),
  made: new Map(),
  kept: new Map(),
  credentials: [],
  hasScopes: true,
  secrets: new Map(),
  files: new Set(),
  places: [],
  announces: false,
  trustsJobs: false,
  exempt: new Map(),
  sources: new Map(),
  origins: new Map(),
  included: nothingIncluded,
  start: anyStart,
}

/** The public places without the jobs of a release, for other pipelines. */
export function publicSideOf({
  credentials,
  places,
  announces,
  trustsJobs,
}: ReleaseFacts): Pick<ReleaseFacts, 'credentials' | 'places' | 'announces' | 'trustsJobs'> {
  return { credentials, places, announces, trustsJobs }
}
