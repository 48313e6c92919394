import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Construct, type Issue, Job, Secret, sentenceOf } from '../../index.js'
import { allOf } from '../../release/route.js'
import { here, smallRelease } from '../small-release.js'
import { gateSeeds } from './gate-seeds.js'
import { includeSeeds } from './include-seeds.js'
import { isolationSeeds } from './isolation-seeds.js'
import { otherSeeds } from './other-seeds.js'
import { secretSeeds } from './secret-seeds.js'
import type { Seed } from './seed.js'

/** An issue in one line: what is open and how, or the code and the construct. */
function told(issue: Issue): string {
  if (issue.code === 'gate/open') return `gate/open ${issue.kind} ${issue.through.join(' > ')} ${issue.because.is}`
  return `${issue.code} ${issue.path}`
}

const families: Readonly<Record<string, readonly Seed[]>> = {
  gate: gateSeeds,
  secrets: secretSeeds,
  isolation: isolationSeeds,
  'included files': includeSeeds,
  'hold, manual and kinds': otherSeeds,
}

describe.each(Object.entries(families))('%s', (_, seeds) => {
  test.each(seeds.map((seed) => [seed.mistake, seed] as const))('finds %s', (_, { make, files, found }) => {
    const base = smallRelease()
    make(base)
    const { issues } = base.app.synth(files === undefined ? {} : { readLocal: (path) => files[path] })
    expect(issues.map(told).toSorted()).toEqual([...found].toSorted())
    // Each at the line of its construct, and each job on the way at its own.
    const places = new Map(allOf(base.app, Construct).map(({ path, source }) => [path, source]))
    const lines = new Map(allOf(base.app, Job).map(({ name, source }) => [name, source]))
    for (const issue of issues) {
      // What stands in another file is told with that file, and the line that has its job.
      const [file] = Object.keys(files ?? {}).filter((path) => issue.source?.file === join(dirname(base.app.source.file), path))
      if (file !== undefined) expect(files?.[file]?.split('\n')[(issue.source?.line ?? 0) - 1]).toMatch(/^\S.*:/)
      else expect(issue.source).toEqual(places.get(issue.path))
      if (issue.code === 'gate/open' && file === undefined)
        expect(issue.sources).toEqual(issue.through.map((name) => lines.get(name) ?? lines.get(name.replace(/: \[\w+\]$/, ''))))
    }
  })
})

test('there are at least sixty seeds', () => {
  expect(Object.values(families).flat().length).toBeGreaterThanOrEqual(60)
})

test('the release of the design has none of it', () => {
  expect(smallRelease().app.synth().issues).toEqual([])
})

test('an open gate is reported with the path through the jobs, and the author’s lines', () => {
  const { app, tagged, release } = smallRelease()
  const props = { on: tagged, stage: 'publish', needs: [release.jobs.seal], script: ['./go'], secrets: [Secret.variable('PUBLIC_TOKEN')] }
  const job = new Job(app, 'by hand', props)
  const line = here(-1)
  const [first, second] = app.synth().issues
  expect(first).toMatchObject({ code: 'gate/open', path: 'by hand', source: { line }, through: [job.name], because: { is: 'automatic' } })
  expect(second).toMatchObject({ through: [job.name, 'deploy: [staging]'], because: { is: 'not-needed', gate: 'deploy: [staging]' } })
  expect(first && sentenceOf(first)).toBe(
    `in the kind release, by hand (corpus.test.ts:${line}) can start before its gate: it starts automatically (when: on_success), without a click before it`,
  )
})
