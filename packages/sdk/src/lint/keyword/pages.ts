import { anything, byType, type Check, ensure, fields, type MapCheck, text } from '../checks.js'
import { isBlank, isMap, isText, isUnknown } from '../value.js'
import { isDuration } from './when.js'

const expireIn: Check = ensure(
  'J20',
  'pages-expire-in',
  (value) => (isText(value) && (/\$\w|\$\{/.test(value) || value.toLowerCase() === 'never')) || isDuration(value),
  'should be a duration',
)

export const pages: Check = byType('J20', 'pages', 'true, false, or a mapping', {
  flag: anything,
  map: fields('J20', 'pages', {
    path_prefix: text('J20', 'pages-path-prefix'),
    expire_in: expireIn,
    publish: text('J20', 'pages-publish'),
  }),
})

/** Only a job with `pages` has `publish`, and only in one of two places. */
export const publish: MapCheck = (job, place) => {
  if (isBlank(job.get('publish'))) return
  const [own, at] = [job.get('pages') ?? null, place.at('publish')]
  if (isUnknown(own)) return
  if (own === false || (place.path[0] !== 'pages' && own === null))
    at.fail('J20', 'pages-publish-alone', 'can be used only in a job with `pages`')
  if (isMap(own) && own.has('publish')) at.fail('J20', 'pages-publish-twice', 'is set twice, here and in `pages`')
}
