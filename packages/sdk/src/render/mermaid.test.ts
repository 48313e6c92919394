import { expect, test } from 'vitest'
import { Job, PackageTarget } from '../index.js'
import { smallRelease } from '../testing/small-release.js'
import { renderMermaid } from './mermaid.js'

const event = { tag: 'v1.2.3', protected: true }

/** `from -> to` by labels, in place of the generated ids. */
function edges(text: string): readonly string[] {
  const labels = new Map([...text.matchAll(/^ {2}(\w+)(?:\[|\{\{)"(.*?)"/gm)].map(([, id, label]) => [id, label]))
  return [...text.matchAll(/^ {2}(\w+) [-=]+> (\w+)$/gm)].map(([, from, to]) => `${labels.get(from)} -> ${labels.get(to)}`)
}

test('a small release is drawn job by job, with the gate between its last deployment and the clicks', () => {
  const drawn = edges(renderMermaid(smallRelease().app.synth().pipeline(event)))
  expect(drawn).toContain('deploy: [production] -> the gate<br>3 clicks')
  expect(drawn.filter((edge) => edge.startsWith('the gate'))).toEqual([
    'the gate<br>3 clicks -> publish: [ubuntu/jammy]',
    'the gate<br>3 clicks -> publish: [debian/bookworm]',
    'the gate<br>3 clicks -> publish: [el/9]',
  ])
  // What follows from the rest is left out: publishing waits for seal through the deployments.
  expect(drawn.filter((edge) => edge.startsWith('seal ->'))).toEqual(['seal -> deploy: [staging]'])
})

test('many targets are folded by group, and one that waits for something else is drawn separately', () => {
  const { app, release } = smallRelease()
  for (let number = 1; number <= 22; number++)
    new PackageTarget(release, `fedora/${number}`, { build: { script: ['make'] }, packages: 'dist/*' })
  new PackageTarget(release, 'raspbian/bookworm', { build: { script: ['make'] }, packages: 'dist/*', optional: true })
  const text = renderMermaid(app.synth().pipeline(event))
  const drawn = edges(text)
  expect(drawn).toEqual(
    expect.arrayContaining([
      'build<br>26 jobs -> stage<br>26 jobs',
      'the gate<br>25 clicks -> publish<br>25 jobs',
      'seal: [raspbian/bookworm] -> the gate<br>one click',
      'the gate<br>one click -> publish: [raspbian/bookworm]',
    ]),
  )
  expect(text.split('\n').length).toBeLessThan(40)
})

test('a click that publishes nothing is one, and no gate', () => {
  const { app, tagged, release } = smallRelease()
  new Job(app, 'machine image', { on: tagged, stage: 'publish', manual: 'blocking', needs: [release.jobs.seal], script: ['./image'] })
  const synthesis = app.synth()
  const gated = new Set(synthesis.plan.releases.flatMap(({ targets }) => targets.map(({ jobs }) => jobs.publish)))
  const drawn = edges(renderMermaid(synthesis.pipeline(event), { gated }))
  expect(drawn).toEqual(
    expect.arrayContaining(['seal -> one click', 'one click -> machine image', 'the gate<br>3 clicks -> publish: [el/9]']),
  )
})

test('labels that Mermaid could misread are escaped', () => {
  const job = { name: 'a "b" #c <d>', stage: 'x', start: 'automatic', when: 'on_success', because: '', source: undefined } as const
  const pipeline = { jobs: [{ ...job, needs: [], secrets: [] }] }
  expect(renderMermaid(pipeline)).toContain('n0["a #quot;b#quot; #35;c #lt;d>"]')
})
