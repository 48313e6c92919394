import { anything, type Check, fields, type MapCheck, must, shape, text } from '../checks.js'
import { isBlank, isMap, isText } from '../value.js'
import { isDuration } from './when.js'

const expireIn: Check = must(
  'J20',
  'pages-expire-in',
  (value) => (isText(value) && (/\$\w|\$\{/.test(value) || value.toLowerCase() === 'never')) || isDuration(value),
  'should be a duration',
)

export const pages: Check = shape(
  {
    flag: anything,
    map: fields('J20', 'pages', {
      attributes: { path_prefix: text('J20', 'pages-path-prefix'), expire_in: expireIn, publish: text('J20', 'pages-publish') },
    }),
  },
  must('J20', 'pages', () => false, 'should be a hash or a boolean value', 'should be `true`, `false`, or a mapping'),
)

/** `publish` belongs to jobs that make a site, and to one of two places. */
export const publish: MapCheck = (job, place) => {
  if (isBlank(job.get('publish'))) return
  const own = job.get('pages') ?? null
  const at = place.attribute('publish')
  if (place.path[0] !== 'pages' && (own === null || own === false))
    at.fail({ rule: 'J20', code: 'pages-publish', rest: 'can only be used within a `pages` job', ours: 'is only for a job with `pages`' })
  if (isMap(own) && !isBlank(own.get('publish'))) {
    const whole = `${place.path.join('')} job: use either pages:publish or pages:pages:publish`
    at.fail({ rule: 'J20', code: 'pages-publish-twice', rest: '', whole, ours: 'is given twice, here and in `pages`' })
  }
}
