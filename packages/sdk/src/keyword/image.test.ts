import { expect, test } from 'vitest'
import { told } from './testing/one-job.js'

test.each<[object, string]>([
  [{ image: { entrypoint: [''] } }, 'image.name of the job job is undefined, but should be the name of an image'],
  [
    { image: { name: 'x', pullPolicy: 'sometimes' } },
    'image.pullPolicy of the job job is "sometimes", but should be one of always, if-not-present, never',
  ],
  [{ image: { name: 'x', ports: [80] } }, 'the job job has image.ports, which is not a keyword'],
  [{ image: { name: 'x', docker: { platfrom: 'x' } } }, 'the job job has image.docker.platfrom, which is not a keyword'],
  [{ services: [{ name: 'x', kubernetes: { user: 1.5 } }] }, 'services[0].kubernetes.user of the job job is 1.5, but should be an integer'],
  [{ services: 'redis' }, 'services of the job job is "redis", but should be a list'],
])('an image or service that GitLab would not take is an issue: %j', (props, sentence) => {
  expect(told(props)).toEqual([sentence])
})
