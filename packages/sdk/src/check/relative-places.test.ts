import { expect, test } from 'vitest'
import {
  App,
  type AppProps,
  Condition,
  ContainerImage,
  directory,
  ociLayout,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  Release,
  type RepositoryAddress,
  StagingRepo,
  sentenceOf,
} from '../index.js'
import { pinned } from '../testing/small-release.js'

const build = { script: ['make'] }

function app(
  at: { readonly staging: string; readonly stable?: string; readonly place?: (path: string) => RepositoryAddress },
  props: AppProps = {},
) {
  const { staging, stable, place = directory } = at
  const made = new App({ ...pinned, ...props })
  const tagged = new PipelineKind(made, 'release', { when: Condition.tag(/^v(?<version>\d+)$/) })
  const in_ = new StagingRepo(made, 'staging', { at: place(staging) })
  const out = stable === undefined ? {} : { public: new PublicRepo(made, 'stable', { at: place(stable) }) }
  const release = new Release(made, 'acme', { routes: [{ on: tagged, staging: in_, ...out }] })
  if (place === ociLayout) new ContainerImage(release, 'hello', { build, layout: 'image' })
  else {
    new PackageTarget(release, 'el/8', { build, packages: 'a/*.rpm' })
    new PackageTarget(release, 'el/9', { build, packages: 'b/*.rpm' })
  }
  return made
}

test.each<[name: string, made: App, places: readonly string[]]>([
  ['absolute', app({ staging: '/srv/in', stable: '/srv/out' }), []],
  ['both', app({ staging: 'in', stable: './out' }), ['staging: in', 'stable: out']],
  ['public alone', app({ staging: '/srv/in', stable: 'out' }), ['stable: out']],
  ['beside the project', app({ staging: '/srv/in', stable: '../out' }), ['stable: ../out']],
  ['images', app({ staging: 'in', stable: '/srv/out', place: ociLayout }), ['staging: in']],
  ['records', app({ staging: '/srv/in', stable: '/srv/out' }, { records: directory('seals') }), [': seals']],
  ['records that stay', app({ staging: '/srv/in', stable: '/srv/out' }, { records: directory('/srv/seals') }), []],
  ['nothing is published', app({ staging: 'in' }, { records: directory('seals') }), []],
])('a directory that the runner empties is warned of once: %s', (_, made, places) => {
  const { issues } = made.synth()
  expect(issues.map((issue) => `${issue.path}: ${sentenceOf(issue).match(/the directory ([^, ]+)/)?.[1]}`)).toEqual(places)
  for (const issue of issues) expect(issue).toMatchObject({ code: 'routes/relative-path', severity: 'warning' })
})

test('the warning can be accepted', () => {
  const made = app({ staging: 'in', stable: 'out' })
  made.accept('routes/relative-path', 'it only rehearses')
  expect(made.synth().issues).toEqual([])
})
