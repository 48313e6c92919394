import { describe, test } from 'vitest'
import { type StoreConformanceOptions, type StorePlace, storeConformance } from './index.js'
import { directoryStorePlace, gcsStorePlace, memoryStorePlace, s3StorePlace } from './places.js'

type Row = readonly [name: string, open: () => StorePlace | Promise<StorePlace>, options: StoreConformanceOptions]

/** Folders have no server, and no credentials. */
const folder = ['unreachable', 'refused', 'readOnly', 'losingAnswers', 'now'] as const

const stores: readonly Row[] = [
  ['a directory', directoryStorePlace, { moves: true, without: folder }],
  ['a bucket', s3StorePlace, { moves: true, copies: true }],
  ['a bucket of Google', gcsStorePlace, { moves: true }],
  ['memory', memoryStorePlace, { moves: true, copies: true, without: ['unreachable', 'failing', 'refused', 'readOnly'] }],
]

describe.each(stores)('%s keeps what a store promises', (name, open, options) => {
  for (const one of storeConformance(open, { ...options, name })) test(one.name, one.run)
})
