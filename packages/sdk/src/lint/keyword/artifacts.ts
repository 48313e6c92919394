import {
  all,
  type Check,
  fields,
  flag,
  type MapCheck,
  mapping,
  must,
  noLonger,
  notTogether,
  oneOf,
  text,
  textOrTexts,
  texts,
} from '../checks.js'
import { isBlank, isList, isText } from '../value.js'
import { isDuration, whenKept } from './when.js'

const reportKinds = [
  'accessibility',
  'annotations',
  'api_fuzzing',
  'browser_performance',
  'cluster_image_scanning',
  'codequality',
  'container_scanning',
  'coverage_fuzzing',
  'cyclonedx',
  'dast',
  'dependency_scanning',
  'dotenv',
  'junit',
  'license_management',
  'license_scanning',
  'load_performance',
  'lsif',
  'metrics',
  'performance',
  'repository_xray',
  'requirements',
  'requirements_v2',
  'sarif',
  'sast',
  'secret_detection',
  'terraform',
]

const coverageReport = fields('A6', 'coverage-report', {
  attributes: {
    coverage_format: oneOf('A6', 'coverage-format', ['cobertura', 'jacoco'], 'must be one of supported formats: cobertura, jacoco.'),
    path: text('A6', 'coverage-path'),
  },
  required: ['coverage_format', 'path'],
})
const reports = mapping(
  'A6',
  'reports',
  fields('A6', 'reports', {
    attributes: Object.fromEntries(reportKinds.map((kind) => [kind, textOrTexts('A6', 'report')])),
    entries: { coverage_report: mapping('A6', 'coverage-report', coverageReport) },
  }),
)

const expireIn: Check = must(
  'A4',
  'artifacts-expire-in',
  (value) => (isText(value) && value.toLowerCase() === 'never') || isDuration(value),
  'should be a duration',
  'should be `never` or a duration in quotes, such as "2 weeks"; variables are not possible',
)

const exposeAs: Check = all(
  text('A3', 'artifacts-expose-as'),
  must(
    'A3',
    'artifacts-expose-as',
    (value) => !isText(value) || /^\w[-\w ]*$/.test(value),
    "can contain only letters, digits, '-', '_' and spaces",
  ),
  noLonger('A3', 'artifacts-expose-as', 100),
)

const exposedPaths: MapCheck = (map, place) => {
  if ((map.get('expose_as') ?? null) === null) return
  const [paths, at] = [map.get('paths') ?? null, place.attribute('paths')]
  if (isBlank(paths))
    at.fail({ rule: 'A3', code: 'artifacts-expose-paths', rest: "can't be blank", ours: 'is missing: `expose_as` needs it' })
  else if (isList(paths) && paths.some((path) => isText(path) && path.includes('*')))
    at.fail({
      rule: 'A3',
      code: 'artifacts-expose-paths',
      rest: "can't contain '*' when used with 'expose_as'",
      ours: 'has a `*`, which `expose_as` does not take',
    })
}

export const artifacts: Check = mapping(
  'A1',
  'artifacts',
  all(
    fields('A1', 'artifacts', {
      entries: { reports },
      attributes: {
        name: text('A1', 'artifacts-name'),
        untracked: flag('A5', 'artifacts-untracked'),
        public: flag('A5', 'artifacts-public'),
        paths: texts('A5', 'artifacts-paths'),
        exclude: texts('A5', 'artifacts-exclude'),
        when: whenKept('A5', 'artifacts-when'),
        expire_in: expireIn,
        expose_as: exposeAs,
        access: oneOf('A2', 'artifacts-access', ['none', 'developer', 'maintainer', 'all']),
      },
    }),
    notTogether('A2', 'artifacts-access-public', ['access', 'public']),
    exposedPaths,
  ),
)
