import { expect, test } from 'vitest'
import { Deployment, PackageTarget } from '../index.js'
import { emptyRelease, issuesOf, pinned } from '../testing/small-release.js'
import type { ReleaseProps } from './release.js'

const event = { tag: 'v1.2.3', protected: true }
const build = { script: ['make'] }

const base = (props: Partial<ReleaseProps> = {}) => emptyRelease(pinned, props)

test('an optional target delays no other, and has its own seal and click', () => {
  const { app, release } = base()
  new PackageTarget(release, 'ubuntu/jammy', { build, packages: 'dist/*' })
  new PackageTarget(release, 'raspbian/bookworm', { build, packages: 'dist/*', optional: true })
  new Deployment(release, 'production', { script: ['deploy'] })
  expect(issuesOf(app)).toEqual([])
  const pipeline = app.synth().pipeline(event)

  expect(pipeline.waitsFor('publish: [ubuntu/jammy]').filter((name) => name.includes('raspbian'))).toEqual([])
  expect(pipeline.waitsFor('publish: [raspbian/bookworm]')).toEqual(
    expect.arrayContaining([
      'seal',
      'seal: [raspbian/bookworm]',
      'stage: [raspbian/bookworm]',
      'deploy: [production]',
      'stage: [ubuntu/jammy]',
    ]),
  )
  expect(pipeline.manual).toEqual(['publish: [ubuntu/jammy]', 'publish: [raspbian/bookworm]'])

  const { jobs } = app.synth().document
  for (const phase of ['build', 'stage', 'seal']) expect(jobs[`${phase}: [raspbian/bookworm]`]).toMatchObject({ allow_failure: true })
  expect(jobs['seal: [raspbian/bookworm]']?.['script']).toContain('node .stagegate/stagegate.mjs seal --target raspbian/bookworm')
  // Its own seal's artifacts, and nobody else's manifest beside them.
  expect(jobs['publish: [raspbian/bookworm]']?.['needs']).toContainEqual({ job: 'seal', artifacts: false })
})

test('one approval covers all targets except the optional ones', () => {
  const { app, release } = base({ approval: 'once' })
  new PackageTarget(release, 'ubuntu/jammy', { build, packages: 'dist/*' })
  new PackageTarget(release, 'el/9', { build, packages: 'dist/*' })
  new PackageTarget(release, 'raspbian/bookworm', { build, packages: 'dist/*', optional: true })
  new Deployment(release, 'production', { script: ['deploy'] })
  expect(issuesOf(app)).toEqual([])
  const synthesis = app.synth()
  const pipeline = synthesis.pipeline(event)

  expect(pipeline.manual).toEqual(['approve', 'publish: [raspbian/bookworm]'])
  expect(pipeline.waitsFor('approve')).toEqual(expect.arrayContaining(['seal', 'deploy: [production]']))
  expect(pipeline.waitsFor('publish: [el/9]')).toContain('approve')
  expect(pipeline.jobs.find(({ name }) => name === 'approve')?.secrets).toEqual([])
  expect(synthesis.document.jobs['approve']).toMatchObject({ environment: { name: 'approval/acme', action: 'prepare' } })
  expect(synthesis.plan.releases[0]).toMatchObject({ approval: 'once', jobs: { approve: 'approve' } })
})

test('by default each target has its click, and then there is no approve job', () => {
  const { app, release } = base()
  new PackageTarget(release, 'ubuntu/jammy', { build, packages: 'dist/*' })
  expect(app.synth().pipeline(event).names()).not.toContain('approve')
})

test('jobs that wait for a deployment wait for its confirmation', () => {
  const { app, release } = base()
  new PackageTarget(release, 'ubuntu/jammy', { build, packages: 'dist/*' })
  const preprod = new Deployment(release, 'staging', { trigger: { project: 'acme/deployer' }, confirm: ['scripts/check staging'] })
  new Deployment(release, 'production', { trigger: { project: 'acme/deployer' }, after: [preprod] })
  expect(issuesOf(app)).toEqual([])
  const pipeline = app.synth().pipeline(event)
  const needsOf = (job: string) => pipeline.jobs.find(({ name }) => name === job)?.needs

  expect(needsOf('confirm: [staging]')).toEqual(['prepare', 'seal', 'deploy: [staging]'])
  expect(needsOf('deploy: [production]')).toEqual(['seal', 'confirm: [staging]'])
  expect(needsOf('publish: [ubuntu/jammy]')).toEqual(['prepare', 'seal', 'confirm: [staging]', 'deploy: [production]'])
})

test('more targets than one job may need are gathered by collecting jobs', () => {
  const { app, release } = base()
  for (let number = 1; number <= 120; number++) new PackageTarget(release, `el/${number}`, { build, packages: 'dist/*' })
  expect(issuesOf(app)).toEqual([])
  const pipeline = app.synth().pipeline(event)
  const seal = pipeline.jobs.find(({ name }) => name === 'seal')

  expect(seal?.needs).toEqual(['prepare', 'collect: [1]', 'collect: [2]', 'collect: [3]'])
  expect(pipeline.waitsFor('seal').filter((name) => name.startsWith('stage: '))).toHaveLength(120)
  for (const { needs } of pipeline.jobs) expect(needs.length).toBeLessThanOrEqual(50)
  // Asked twice, it is the same.
  expect(app.synth().files).toEqual(app.synth().files)
})

test('49 targets need no collecting job, and 50 do', () => {
  for (const [count, collects] of [
    [49, []],
    [50, ['collect: [1]']],
  ] as const) {
    const { app, release } = base()
    for (let number = 1; number <= count; number++) new PackageTarget(release, `el/${number}`, { build, packages: 'dist/*' })
    expect(app.synth().pipeline(event).names('collect: *')).toEqual(collects)
  }
})

test('a word that is neither each nor once is refused', () => {
  expect(() => base({ approval: 'twice' as never })).toThrow('Expected one of each, once, in approval, got "twice"')
})

test('approvals of GitLab make publishing a deployment, and staging none', () => {
  const { app, release } = base({ approvals: true })
  new PackageTarget(release, 'ubuntu/jammy', { build, packages: 'dist/*' })
  expect(issuesOf(app)).toEqual([])
  const { jobs } = app.synth().document
  expect(jobs['publish: [ubuntu/jammy]']).toMatchObject({ environment: { name: 'public/stable', action: 'start' } })
  expect(jobs['stage: [ubuntu/jammy]']).toMatchObject({ environment: { action: 'prepare' } })
})
