import { isObject } from '../../gitlab/document.js'
import { definitionOf, schema, schemaPaths } from './schema-paths.js'

/** What is not typed on purpose, with all that stands below it. */
export const raw: Readonly<Record<string, string>> = {
  'job.extends': 'what jobs share is a function or an object of the program; through addOverride where a hidden job comes from an include',
  'job.only': 'replaced by rules, and refused beside them: GitLab adds nothing to it any more',
  'job.except': 'as only',
  'job.rules.allow_failure.exit_codes': 'the parser takes true and false alone in a rule',
  'job.artifacts.reports.license_management': 'GitLab refuses it: replaced by license_scanning',
  'default.artifacts.reports.license_management': 'the same',
  'job.services.variables.*.value': 'the parser takes plain values alone for a service',
  'job.services.variables.*.expand': 'the same',
  'default.services.variables.*.value': 'the same',
  'default.services.variables.*.expand': 'the same',
  'job.publish': 'replaced by pages.publish, beside which it is refused',
  image: 'of the whole file: replaced by default',
  services: 'of the whole file: replaced by default',
  before_script: 'of the whole file: replaced by default',
  after_script: 'of the whole file: replaced by default',
  cache: 'of the whole file: replaced by default',
  pages: 'a job with this name, which is made like any other',
  '!reference': 'what is shared is a value of the program',
  'default.!reference': 'as !reference',
  $schema: 'for editors: nothing is edited here',
  'workflow.rules.variables': 'a kind’s variables',
  'workflow.rules.auto_cancel': 'said by the kind: nothing cancels what publishes',
}

export const under = (name: string, paths: readonly string[]) => [name, ...paths.map((path) => `${name}.${path}`)]
export const isRaw = (path: string) => Object.keys(raw).some((one) => path === one || path.startsWith(`${one}.`))

const properties = isObject(schema['properties']) ? schema['properties'] : {}

/** Every keyword of GitLab's schema: those of a job below `job`, those of the file by their names. */
export const known: readonly string[] = [
  ...under('job', schemaPaths(definitionOf('job_template'))).slice(1),
  // Of a job with this name, the job's own paths would be the same once more.
  ...schemaPaths({ properties: { ...properties, pages: {} } }),
]
