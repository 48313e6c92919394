import type { JsonObject, JsonValue } from '@stagegate/schema'
import {
  Condition,
  Deployment,
  Job,
  type JobProps,
  type PipelineDocument,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Secret,
} from '../../index.js'
import type { smallRelease } from '../small-release.js'

export type Base = ReturnType<typeof smallRelease>

/** One mistake in the release of the design, and everything that is to be found in it. */
export interface Seed {
  /** Completes the sentence “finds …”. */
  readonly mistake: string
  readonly make: (base: Base) => void
  /** Local files that can be read, by their paths; without them nobody reads any. */
  readonly files?: Readonly<Record<string, string>>
  /** One line for each issue, as `told` writes it, in any order. */
  readonly found: readonly string[]
}

export const [publish, stage, seal, staging, production] = [
  'publish: [el/9]',
  'stage: [el/9]',
  'seal',
  'deploy: [staging]',
  'deploy: [production]',
] as const
/** What follows where pipelines of the kind need not be of a protected ref. */
export const absent = ['ubuntu/jammy', 'debian/bookworm', 'el/9'].flatMap((target) =>
  ['stage', 'publish'].map((job) => `kinds/producer-absent acme/${target}/${job}`),
)
export const publishes = ['publish: [ubuntu/jammy]', 'publish: [debian/bookworm]', publish] as const
export const publicToken = Secret.variable('PUBLIC_TOKEN')

/** A patch of one job. */
export function change(job: string, how: (body: JsonObject) => void): (base: Base) => void {
  return patch(({ jobs }) => {
    const body = jobs[job]
    if (body === undefined) throw new RangeError(`Expected a job of the pipeline, got ${job}`)
    how(body)
  })
}

/** A patch that sets keywords of one job. */
export function set(job: string, keywords: JsonObject): (base: Base) => void {
  return change(job, (body) => Object.assign(body, structuredClone(keywords)))
}

/** A patch that sets keywords of the one rule of a job. */
export function setRule(job: string, keywords: JsonObject): (base: Base) => void {
  return change(job, (body) => Object.assign(ruleOf(body), structuredClone(keywords)))
}

export function ruleOf(body: JsonObject): JsonObject {
  const rules = body['rules']
  const first = Array.isArray(rules) ? rules[0] : undefined
  if (typeof first !== 'object' || first === null || Array.isArray(first)) throw new TypeError('Expected a job with a rule')
  return first
}

export function patch(how: (document: PipelineDocument) => void): (base: Base) => void {
  return ({ app }) => app.patch('seeded', how)
}

export function workflowRules({ workflow }: PipelineDocument): JsonValue[] {
  const rules = workflow['rules']
  if (!Array.isArray(rules)) throw new TypeError('Expected rules of the workflow')
  return rules
}

/** The needs of a job without some, or with others in their place. */
export function needs(job: string, ...list: readonly JsonValue[]): (base: Base) => void {
  return set(job, { needs: [...list] })
}

export function handWritten(props: Partial<JobProps>, name = 'by hand'): (base: Base) => void {
  return ({ app, tagged }) => {
    new Job(app, name, { on: tagged, script: ['./go'], ...props })
  }
}

export const ops = 'deploy: [ops]'

/** A deployment on another GitLab, and then what is wrong with it. */
export function withRemote(then: (base: Base) => void = () => undefined): (base: Base) => void {
  return (base) => {
    const [trigger, read] = [Secret.variable('OPS_TRIGGER_TOKEN'), Secret.variable('OPS_READ_TOKEN')]
    const remote = { url: 'https://ops.gitlab.example', project: 'acme/deployer', ref: 'main', trigger, read }
    new Deployment(base.release, 'ops', { remote, after: [base.preprod] })
    then(base)
  }
}

export const publishAudience = 'https://vault.example/publish'

/** A public repository whose credential is in Vault, and then what is wrong with it. */
export function withVault(then: (base: Base) => void): (base: Base) => void {
  return (base) => {
    const token = Secret.vault('release/token@ops', { as: 'VAULT_PUBLIC_TOKEN', aud: publishAudience })
    new PublicRepo(base.app, 'vaulted', { at: packagecloud('acme/vaulted', { token }) })
    then(base)
  }
}

/** A kind for branches, with a job in it. */
export function onBranch(props: Partial<JobProps>): (base: Base) => void {
  return ({ app }) => {
    const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })
    new Job(app, 'by hand', { on: branch, script: ['./go'], ...props })
  }
}

/** What is found when no pipeline is a release any more, and the jobs with credentials exist in another kind. */
export function lost(kind: string): readonly string[] {
  const names: Readonly<Record<string, string>> = { 'ubuntu/jammy': publishes[0], 'debian/bookworm': publishes[1], 'el/9': publishes[2] }
  return [
    ...Object.entries(names).flatMap(([target, job]) => [
      `gate/open ${kind} ${job} foreign-kind`,
      `kinds/producer-absent acme/${target}/stage`,
      `kinds/producer-absent acme/${target}/publish`,
      `kinds/unreachable acme/${target}/build`,
      `kinds/unreachable acme/${target}/verify`,
    ]),
    ...['prepare', 'acme/seal', 'acme/staging/deploy', 'acme/production/deploy'].map((path) => `kinds/unreachable ${path}`),
  ]
}
