import type { JsonValue } from '@stagegate/schema'
import type { PipelineDocument } from '../../gitlab/document.js'
import { newReasons } from '../../gitlab/retry-reasons.js'
import type { Found } from '../../issue/facts.js'
import { isAtLeast, type Settings } from '../../settings.js'

type Version = readonly [major: number, minor: number]

interface Novelty {
  /** The path from the job, or from the document; `*` is any key or item. */
  readonly path: string
  readonly since: Version
  /** Only with this value. */
  readonly value?: string
}

/** Keywords and values by the GitLab version that has them without a feature flag. @see https://docs.gitlab.com/ci/yaml/ */
const ofJobs: readonly Novelty[] = [
  { path: 'retry.exit_codes', since: [16, 11] },
  { path: 'artifacts.access', since: [16, 11] },
  { path: 'artifacts.access', since: [18, 4], value: 'maintainer' },
  { path: 'manual_confirmation', since: [17, 1] },
  { path: 'run', since: [17, 5] },
  { path: 'environment.kubernetes.agent', since: [17, 6] },
  { path: 'environment.kubernetes.namespace', since: [17, 7] },
  { path: 'environment.kubernetes.flux_resource_path', since: [17, 7] },
  { path: 'environment.kubernetes.dashboard', since: [18, 4] },
  { path: 'pages.publish', since: [17, 9] },
  { path: 'trigger.inputs', since: [17, 11] },
  { path: 'trigger.include.*.inputs', since: [17, 11] },
  { path: 'trigger.strategy', since: [18, 2], value: 'mirror' },
  { path: 'image.kubernetes', since: [18, 0] },
  { path: 'services.*.kubernetes', since: [18, 0] },
  { path: 'inputs', since: [18, 10] },
  { path: 'secrets.*.gitlab_secrets_manager', since: [19, 0] },
  ...Object.entries(newReasons).map(([value, since]) => ({ path: 'retry.when.*', since, value })),
  ...regexps('rules'),
]
const ofPipelines: readonly Novelty[] = [
  { path: 'workflow.auto_cancel', since: [16, 11] },
  { path: 'workflow.rules.*.auto_cancel', since: [16, 11] },
  { path: 'include.*.integrity', since: [17, 9] },
  { path: 'spec.inputs.*.rules', since: [18, 7] },
  { path: 'include.*.cache', since: [19, 0] },
  ...regexps('workflow.rules'),
  ...regexps('include.*.rules'),
]

/** Behind the feature flag `ci_rules_regexp`: without it, such a rule always matches. */
function regexps(rules: string): readonly Novelty[] {
  return ['changes', 'exists'].map((keyword) => ({ path: `${rules}.*.${keyword}.regexp`, since: [19, 2] }))
}

/** Finds keywords that the oldest supported GitLab does not know, each once. */
export function checkVersions(document: PipelineDocument, oldest: Settings['gitlab']): readonly Found[] {
  const isTooNew = ({ since: [major, minor] }: Novelty) => !isAtLeast(oldest, major, minor)
  const tooNew = (job: string | undefined, { path, since, value }: Novelty): Found => {
    const keyword = value === undefined ? path.replaceAll('.*', '') : `${path.replaceAll('.*', '')}: ${value}`
    return { job, facts: { code: 'structure/too-new', keyword, since: since.join('.'), oldest: oldest.join('.') } }
  }
  const { jobs, ...whole } = document
  const bodies = [...Object.entries(jobs), ...(document.default === undefined ? [] : [[undefined, document.default] as const])]
  return [
    ...ofPipelines.filter(isTooNew).flatMap((one) => (isIn(whole, one.path.split('.'), one.value) ? [tooNew(undefined, one)] : [])),
    ...ofJobs.filter(isTooNew).flatMap((one) => {
      const path = one.path.split('.')
      const found = bodies.find(([, body]) => isIn(body, path, one.value))
      return found === undefined ? [] : [tooNew(found[0], one)]
    }),
  ]
}

function isIn(value: unknown, [key, ...rest]: readonly string[], wanted: string | undefined): boolean {
  if (key === undefined) return wanted === undefined ? value !== undefined : value === wanted
  if (key !== '*') return isMap(value) && Object.hasOwn(value, key) && isIn(value[key], rest, wanted)
  // A single value means a list with that value.
  if (Array.isArray(value)) return value.flat().some((item) => isIn(item, rest, wanted))
  if (isMap(value)) return Object.values(value).some((item) => isIn(item, rest, wanted)) || isIn(value, rest, wanted)
  return isIn(value, rest, wanted)
}

function isMap(value: unknown): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
