import { test } from 'vitest'
import { playMany, seeds } from './sequence.js'

test.each(seeds)(
  'statements 1, 2, 3, 4, 5, 8, 9, 10: they hold whatever happens on the way to several repositories, from seed %i',
  {
    timeout: 300_000,
  },
  (seed) => playMany(seed, { least: 2, most: 3 }),
)
