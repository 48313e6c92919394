import { gitlabLimits } from '../../gitlab/limits.js'
import { reportKinds } from '../../gitlab/report-kinds.js'
import {
  all,
  type Check,
  ensure,
  fields,
  flag,
  type MapCheck,
  mapping,
  noLonger,
  notTogether,
  oneOf,
  text,
  textOrTexts,
  texts,
} from '../checks.js'
import { isBlank, isList, isText } from '../value.js'
import { isDuration, whenKept } from './when.js'

const coverageReport = fields(
  'A6',
  'coverage-report',
  { coverage_format: oneOf('A6', 'coverage-format', 'cobertura', 'jacoco'), path: text('A6', 'coverage-path') },
  'coverage_format',
  'path',
)
const reports = mapping(
  'A6',
  'reports',
  fields('A6', 'reports', {
    ...Object.fromEntries(reportKinds.map((kind) => [kind, textOrTexts('A6', 'report')])),
    coverage_report: mapping('A6', 'coverage-report', coverageReport),
  }),
)

const expireIn: Check = ensure(
  'A4',
  'artifacts-expire-in',
  (value) => (isText(value) && value.toLowerCase() === 'never') || isDuration(value),
  'should be `never` or a duration in quotes, such as "2 weeks", without variables',
)

const exposeAs: Check = all(
  text('A3', 'artifacts-expose-as'),
  ensure(
    'A3',
    'artifacts-expose-as',
    (value) => !isText(value) || /^\w[-\w ]*$/.test(value),
    "can contain only letters, digits, '-', '_' and spaces",
  ),
  noLonger('A3', 'artifacts-expose-as', gitlabLimits.exposeAs),
)

const exposedPaths: MapCheck = (map, place) => {
  if ((map.get('expose_as') ?? null) === null) return
  const [paths, at] = [map.get('paths') ?? null, place.at('paths')]
  if (isBlank(paths)) at.fail('A3', 'artifacts-expose-paths', 'is missing: `expose_as` needs it')
  else if (isList(paths) && paths.some((path) => isText(path) && path.includes('*')))
    at.fail('A3', 'artifacts-expose-paths', 'contains a `*`, which `expose_as` does not accept')
}

export const artifacts: Check = mapping(
  'A1',
  'artifacts',
  all(
    fields('A1', 'artifacts', {
      reports,
      name: text('A1', 'artifacts-name'),
      untracked: flag('A5', 'artifacts-untracked'),
      public: flag('A5', 'artifacts-public'),
      paths: texts('A5', 'artifacts-paths'),
      exclude: texts('A5', 'artifacts-exclude'),
      when: whenKept('A5', 'artifacts-when'),
      expire_in: expireIn,
      expose_as: exposeAs,
      access: oneOf('A2', 'artifacts-access', 'none', 'developer', 'maintainer', 'all'),
    }),
    notTogether('A2', 'artifacts-access-public', 'access', 'public'),
    exposedPaths,
  ),
)
