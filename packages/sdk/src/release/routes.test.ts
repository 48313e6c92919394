import { parseReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import {
  App,
  Condition,
  Deployment,
  directory,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  Secret,
  StagingRepo,
} from '../index.js'
import { here, issuesOf, pinned, smallRelease } from '../testing/small-release.js'

const build = { script: ['make'] }
const packages = 'dist/*.deb'
const token = (name: string) => ({ token: Secret.variable(name) })

/** Kinds that build, stage, and publish to two places. */
function kinds() {
  const app = new App(pinned)
  const rc = new PipelineKind(app, 'rc', { when: Condition.tag(/^v(?<version>.+-rc\d+)$/) })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>.+)$/) })
  const nightly = new PipelineKind(app, 'nightly', { when: Condition.schedule(), version: { variable: 'VERSION' } })
  const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })
  const staging = new StagingRepo(app, 'staging', { at: packagecloud('acme/staging', token('STAGING')) })
  const unstable = new PublicRepo(app, 'unstable', { at: packagecloud('acme/unstable', token('UNSTABLE')) })
  const stable = new PublicRepo(app, 'stable', { at: packagecloud('acme/stable', token('STABLE')) })
  return { app, rc, tagged, nightly, branch, staging, unstable, stable }
}

describe('kinds that go further than others', () => {
  const { app, rc, tagged, nightly, branch, staging, unstable, stable } = kinds()
  const release = new Release(app, 'acme', {
    routes: [{ on: branch }, { on: nightly, staging }, { on: rc, staging, public: unstable }, { on: tagged, staging, public: stable }],
  })
  new PackageTarget(release, 'ubuntu/jammy', { build, packages })
  new PackageTarget(release, 'debian/trixie', { build, packages, routes: [{ on: [rc, tagged], staging, public: unstable }] })
  const synthesis = app.synth()

  test('nothing is wrong with them', () => {
    expect(synthesis.issues).toEqual([])
  })

  test('seal needs just the stage jobs of the kind', () => {
    expect(synthesis.document.jobs['seal']).toMatchObject({
      rules: [
        {
          if: '$STAGEGATE_KIND == "rc" || $STAGEGATE_KIND == "release"',
          needs: ['prepare', 'stage: [ubuntu/jammy]', 'stage: [debian/trixie]'],
        },
        { if: '$STAGEGATE_KIND == "nightly"', needs: ['prepare', 'stage: [ubuntu/jammy]'] },
      ],
    })
    expect(synthesis.document.jobs['seal']).not.toHaveProperty('needs')
  })

  test('a target that publishes to different repositories takes its environment from its rule', () => {
    expect(synthesis.document.jobs['publish: [ubuntu/jammy]']).toMatchObject({
      environment: { name: 'public/$STAGEGATE_REPOSITORY' },
      resource_group: 'public/$STAGEGATE_REPOSITORY/ubuntu/jammy',
      rules: [
        { when: 'manual', allow_failure: false, variables: { STAGEGATE_REPOSITORY: 'unstable' } },
        { when: 'manual', allow_failure: false, variables: { STAGEGATE_REPOSITORY: 'stable' } },
      ],
    })
    expect(synthesis.document.jobs['publish: [debian/trixie]']).toMatchObject({ environment: { name: 'public/unstable' } })
  })

  test('each kind has the jobs of its route', () => {
    const phases = (event: Parameters<typeof synthesis.pipeline>[0]) =>
      synthesis
        .pipeline(event)
        .names('*jammy]')
        .map((name) => name.split(':')[0])
    expect(phases({ branch: 'main' })).toEqual(['build'])
    expect(phases({ branch: 'main', source: 'schedule' })).toEqual(['build', 'stage'])
    expect(phases({ tag: 'v1-rc1', protected: true })).toEqual(['build', 'stage', 'publish', 'verify'])
    expect(phases({ tag: 'v1', protected: true })).toEqual(['build', 'stage', 'publish', 'verify'])
    expect(synthesis.pipeline({ tag: 'v1' }).names()).toEqual(['refused'])
    expect(synthesis.pipeline({ tag: 'v1-rc1' }).names()).toEqual(['refused'])
  })

  test('the plan says so too', () => {
    const plan = parseReleasePlan(JSON.stringify(synthesis.plan), 'plan')
    expect(plan.releases[0]?.targets[0]?.routes).toEqual({
      branch: { public: [] },
      nightly: { staging: 'staging', public: [] },
      rc: { staging: 'staging', public: [{ repository: 'unstable', advisory: false }] },
      release: { staging: 'staging', public: [{ repository: 'stable', advisory: false }] },
    })
  })
})

describe('kinds that overlap', () => {
  const first = { tag: 'v1-rc1', protected: true }

  test('a credential job of a later kind does not slip into a pipeline of an earlier one', () => {
    const { app, rc, tagged, staging, stable, unstable } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    new PackageTarget(release, 'ubuntu/noble', { build, packages, routes: [{ on: rc, staging, public: unstable }] })
    const synthesis = app.synth()
    expect(synthesis.document.jobs['publish: [ubuntu/jammy]']).toMatchObject({
      rules: [
        { if: '$CI_COMMIT_TAG =~ /^v.+-rc\\d+$/', when: 'never' },
        { if: '$CI_COMMIT_TAG =~ /^v.+$/ && $CI_COMMIT_REF_PROTECTED == "true"', when: 'manual' },
      ],
    })
    expect(synthesis.pipeline(first).names('*jammy]')).toEqual([])
    expect(synthesis.pipeline(first).manual).toEqual(['publish: [ubuntu/noble]'])
  })

  test('a ref that is refused in an earlier kind stages nothing in a later one', () => {
    const { app, tagged, staging, stable } = kinds()
    const any = new PipelineKind(app, 'any-tag', { when: Condition.tag(/(?<version>.+)/) })
    const release = new Release(app, 'acme', {
      routes: [
        { on: tagged, staging, public: stable },
        { on: any, staging },
      ],
    })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    const synthesis = app.synth()
    expect(synthesis.pipeline({ tag: 'v1' }).names()).toEqual(['refused'])
    expect(synthesis.pipeline({ tag: '1' }).names('stage*')).toEqual(['stage: [ubuntu/jammy]'])
  })

  test('rules follow the order of the kinds, even if distant kinds are alike', () => {
    const { app, rc, tagged, staging, stable, unstable } = kinds()
    const last = new PipelineKind(app, 'last', { when: Condition.tag(/(?<version>.+)/) })
    const release = new Release(app, 'acme', {
      routes: [
        { on: rc, staging, public: unstable },
        { on: tagged, staging, public: stable },
        { on: last, staging, public: unstable },
      ],
    })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    const repositories = app.synth().document.jobs['publish: [ubuntu/jammy]']?.['rules']
    expect(repositories).toMatchObject([
      { variables: { STAGEGATE_REPOSITORY: 'unstable' } },
      { variables: { STAGEGATE_REPOSITORY: 'stable' } },
      // A schedule can be of a tag.
      { if: '$CI_PIPELINE_SOURCE == "schedule"', when: 'never' },
      { variables: { STAGEGATE_REPOSITORY: 'unstable' } },
    ])
  })

  test('a target without overlap has no rule that it does not need', () => {
    const { app, tagged, branch, staging, stable } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: branch }, { on: tagged, staging, public: stable }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages, routes: [{ on: branch, staging }] })
    // The schedule of `nightly` may be of a branch; the tags cannot.
    expect(app.synth().document.jobs['stage: [ubuntu/jammy]']?.['rules']).toMatchObject([
      { if: '$CI_PIPELINE_SOURCE == "schedule"', when: 'never' },
      { if: expect.stringContaining('$CI_COMMIT_BRANCH') },
    ])
  })
})

describe('jobs that no route asks for', () => {
  test('are left out where a release is only built', () => {
    const { app, branch } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: branch }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    const synthesis = app.synth()
    expect(synthesis.issues).toEqual([])
    expect(Object.keys(synthesis.document.jobs)).toEqual(['build: [ubuntu/jammy]'])
  })

  test('are left out where it is only staged', () => {
    const { app, nightly, staging } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: nightly, staging }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    const synthesis = app.synth()
    expect(synthesis.issues).toEqual([])
    expect(Object.keys(synthesis.document.jobs)).toEqual(['prepare', 'build: [ubuntu/jammy]', 'stage: [ubuntu/jammy]', 'seal'])
    expect(synthesis.files.at(-1)?.text).toContain('| `STAGING` | stage | all |')
    expect(synthesis.files.at(-1)?.text).not.toContain('The publish jobs run in')
  })

  test('are an issue when somebody needs them, and so is a deployment without a kind', () => {
    const { app, branch } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: branch }] })
    const target = new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    new Job(app, 'announce', { on: branch, needs: [target.jobs.publish], script: ['say'] })
    new Deployment(release, 'production', { script: ['deploy'] })
    expect(issuesOf(app)).toEqual([
      ['kinds/unreachable', 'acme/production/deploy', here(-2)],
      ['kinds/producer-absent', 'announce', here(-4)],
    ])
  })

  test('a target without routes is an issue at its build', () => {
    const { app, tagged, staging, stable } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    new PackageTarget(release, 'ubuntu/noble', { build, packages, routes: [] })
    expect(issuesOf(app)).toEqual([['kinds/unreachable', 'acme/ubuntu/noble/build', here(-1)]])
  })
})

describe('several releases', () => {
  const { app, tagged, staging, stable } = kinds()
  const routes = [{ on: tagged, staging, public: stable }]
  const one = new Release(app, 'ce', { routes })
  const other = new Release(app, 'ee', { routes })
  new PackageTarget(one, 'ubuntu/jammy', { build, packages })
  new PackageTarget(other, 'ubuntu/jammy', { build, packages })
  const production = new Deployment(other, 'production', { script: ['deploy'] })
  const synthesis = app.synth()

  test('have their labels in all names, and one prepare', () => {
    expect(synthesis.issues).toEqual([])
    expect(synthesis.pipeline({ tag: 'v1', protected: true }).names()).toEqual([
      'prepare',
      'build: [ce ubuntu/jammy]',
      'build: [ee ubuntu/jammy]',
      'stage: [ce ubuntu/jammy]',
      'stage: [ee ubuntu/jammy]',
      'seal: [ce]',
      'seal: [ee]',
      'deploy: [ee production]',
      'publish: [ce ubuntu/jammy]',
      'publish: [ee ubuntu/jammy]',
      'verify: [ce ubuntu/jammy]',
      'verify: [ee ubuntu/jammy]',
    ])
  })

  test('wait for their own seal and their own deployments', () => {
    const pipeline = synthesis.pipeline({ tag: 'v1', protected: true })
    expect(pipeline.waitsFor('publish: [ce ubuntu/jammy]')).not.toContain(production.job.name)
    expect(pipeline.waitsFor('publish: [ee ubuntu/jammy]')).toContain(production.job.name)
    expect(pipeline.waitsFor('publish: [ee ubuntu/jammy]')).not.toContain('seal: [ce]')
  })

  test('name themselves to the command', () => {
    expect(synthesis.document.jobs['publish: [ee ubuntu/jammy]']?.['script']).toContain(
      'node .stagegate/stagegate.mjs publish --target ubuntu/jammy --release ee',
    )
  })
})

describe('destinations', () => {
  test('one that is advisory neither names the environment nor is left out of the plan', () => {
    const { app, tagged, staging, stable, unstable } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: [unstable.advisory, stable] }] })
    new PackageTarget(release, 'el/9', { build, packages: 'dist/*.rpm', also: ['ol/9'] })
    const synthesis = app.synth()
    expect(synthesis.issues).toEqual([])
    expect(synthesis.document.jobs['publish: [el/9]']).toMatchObject({ environment: { name: 'public/stable' } })
    expect(synthesis.plan.releases[0]?.targets[0]?.routes['release']?.public).toEqual([
      { repository: 'unstable', advisory: true },
      { repository: 'unstable', distribution: 'ol/9', advisory: true },
      { repository: 'stable', advisory: false },
      { repository: 'stable', distribution: 'ol/9', advisory: false },
    ])
    expect(synthesis.files.at(-1)?.text).toContain('| unstable (advisory), stable |')
  })

  test('one named twice, or its own distribution in also, is an issue', () => {
    const { app, tagged, staging, stable } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: [stable, stable.advisory] }] })
    new PackageTarget(release, 'el/9', { build, packages })
    new PackageTarget(release, 'el/8', { build, packages, also: ['el/8'], routes: [{ on: tagged, staging, public: stable }] })
    expect(issuesOf(app)).toEqual([
      ['routes/destination-twice', 'acme/el/9', here(-3)],
      ['routes/destination-twice', 'acme/el/8', here(-3)],
    ])
  })

  test('a repository that does not take the format is an issue', () => {
    const { app, tagged, staging } = kinds()
    const rpms = new PublicRepo(app, 'rpms', { at: { ...packagecloud('acme/rpms', token('RPMS')), formats: ['rpm'] } })
    const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: rpms }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    expect(issuesOf(app)).toEqual([['routes/format', 'acme/ubuntu/jammy', here(-1)]])
  })

  test('staging and a public repository may not be the same place, however it is written', () => {
    const { app, tagged } = kinds()
    const settings = { repository: 'acme/same', region: 'eu' }
    const at = packagecloud('acme/same', { ...token('A'), url: 'https://PACKAGES.example:443/' })
    const staging = new StagingRepo(app, 'private', { at: { ...at, settings } })
    const other = packagecloud('acme/same', { ...token('B'), url: 'https://packages.example' })
    const stable = new PublicRepo(app, 'open', { at: { ...other, settings: { region: 'eu', repository: 'acme/same' } } })
    const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    expect(issuesOf(app)).toEqual([['gate/same-place', 'open', here(-3)]])
  })

  test('one directory is one place', () => {
    const { app, tagged } = kinds()
    const staging = new StagingRepo(app, 'private', { at: directory('/out/../repo/') })
    const stable = new PublicRepo(app, 'open', { at: directory('/./repo') })
    const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    expect(app.synth().issues).toMatchObject([{ code: 'gate/same-place', place: 'directory path="/repo"' }])
  })
})

describe('deployments', () => {
  test('one that is for some kinds gates those alone', () => {
    const { app, rc, tagged, staging, stable, unstable } = kinds()
    const release = new Release(app, 'acme', {
      routes: [
        { on: rc, staging, public: unstable },
        { on: tagged, staging, public: stable },
      ],
    })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    new Deployment(release, 'rc-only', { on: rc, script: ['deploy'] })
    new Deployment(release, 'aside', { gates: false, script: ['look'] })
    const synthesis = app.synth()
    expect(synthesis.issues).toEqual([])
    const gates = (tag: string) =>
      synthesis
        .pipeline({ tag, protected: true })
        .waitsFor('publish: [ubuntu/jammy]')
        .filter((name) => name.startsWith('deploy'))
    expect(gates('v1-rc1')).toEqual(['deploy: [rc-only]'])
    expect(gates('v1')).toEqual([])
    expect(synthesis.document.jobs['publish: [ubuntu/jammy]']).not.toHaveProperty('needs')
    expect(synthesis.files.at(-1)?.text).toContain('`deploy: [aside]` runs too; publishing does not wait for it.')
  })

  test('one after another that does not exist in its kind is an issue', () => {
    const { app, rc, tagged, staging, stable } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: [rc, tagged], staging, public: stable }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    const first = new Deployment(release, 'first', { on: rc, script: ['deploy'] })
    new Deployment(release, 'second', { after: [first], script: ['deploy'] })
    expect(app.synth().issues).toMatchObject([
      { code: 'kinds/producer-absent', path: 'acme/second/deploy', source: { line: here(-2) }, job: 'deploy: [second]', kind: 'release' },
    ])
  })

  test('one in a kind without staging has nothing to deploy', () => {
    const { app, branch, tagged, staging, stable } = kinds()
    const release = new Release(app, 'acme', { routes: [{ on: branch }, { on: tagged, staging, public: stable }] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    new Deployment(release, 'review', { on: branch, script: ['deploy'] })
    expect(app.synth().issues).toMatchObject([{ code: 'kinds/producer-absent', needs: 'seal', source: { line: here(-1) } }])
  })

  test('their credentials are in the runbook', () => {
    const { app, release } = smallRelease()
    new Deployment(release, 'script', { script: ['deploy'], secrets: [Secret.variable('DEPLOY_TOKEN')] })
    expect(app.synth().files.at(-1)?.text).toContain('| `DEPLOY_TOKEN` | deploy | all |')
  })
})

describe('strange labels', () => {
  const { app, tagged, staging, stable } = kinds()
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
  const label = `it's "x" $HOME; |a`
  new PackageTarget(release, label, { build, packages, distribution: 'ubuntu/jammy' })
  const synthesis = app.synth()

  test('reach the shell as one word', () => {
    expect(synthesis.issues).toEqual([])
    expect(synthesis.document.jobs[`publish: [${label}]`]?.['script']).toContain(
      `node .stagegate/stagegate.mjs publish --target 'it'\\''s "x" $HOME; |a'`,
    )
  })

  test('do not break the runbook’s table', () => {
    const rows =
      synthesis.files
        .at(-1)
        ?.text.split('\n')
        .filter((line) => line.includes('$HOME')) ?? []
    expect(rows.map((row) => row.replaceAll('\\|', '').split('|').length)).toEqual([6])
  })

  test('make no lock that GitLab would not take', () => {
    const lock = String(synthesis.document.jobs[`publish: [${label}]`]?.['resource_group'])
    expect(lock).toMatch(/^[A-Za-z0-9_/. $-]+$/)
  })
})

describe('programs without types', () => {
  const { tagged, staging, stable } = kinds()
  const app = () => new App(pinned)

  test.each([
    [{ on: undefined, staging }, 'Expected a PipelineKind in routes[0].on, got undefined'],
    [{ on: 'release', staging }, 'Expected a PipelineKind in routes[0].on, got "release"'],
    [{ on: tagged, staging: stable }, 'Expected a StagingRepo in routes[0].staging, got a PublicRepo'],
    [{ on: tagged, staging, public: staging }, 'Expected a PublicRepo in routes[0].public, got a StagingRepo'],
  ])('are told what a route takes', (route, message) => {
    expect(() => new Release(app(), 'acme', { routes: [route as never] })).toThrow(message)
  })

  test('learn about public without staging', () => {
    const wrong = kinds()
    const release = new Release(wrong.app, 'acme', { routes: [{ on: wrong.tagged, public: wrong.stable } as never] })
    new PackageTarget(release, 'ubuntu/jammy', { build, packages })
    expect(issuesOf(wrong.app)).toContainEqual(['routes/public-without-staging', 'acme', here(-2)])
  })

  test('learn about properties that nothing reads', () => {
    const made = smallRelease()
    new Deployment(made.release, 'x', { script: ['deploy'], timout: 3, imagee: 'x' } as never)
    const { issues } = made.app.synth()
    expect(issues).toMatchObject([
      { code: 'structure/unknown-property', property: 'timout', meant: undefined, source: { line: here(-3) } },
      { code: 'structure/unknown-property', property: 'imagee', meant: 'image', help: 'Did you mean image?' },
    ])
  })
})

test('a route to another app’s repository is an issue', () => {
  const { app, tagged, stable } = kinds()
  const other = kinds()
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging: other.staging, public: stable }] })
  new PackageTarget(release, 'ubuntu/jammy', { build, packages })
  expect(issuesOf(app)).toEqual([['routes/foreign', 'acme/ubuntu/jammy', here(-1)]])
})

test('a mistake in a release is reported with its line', () => {
  const { app, tagged, branch, nightly, staging, stable } = kinds()
  new Release(app, 'empty', { routes: [{ on: [tagged, tagged], staging, public: stable }] })
  const unversioned = new PipelineKind(app, 'unversioned', { when: Condition.tag(/x/) })
  const release = new Release(app, 'acme', { routes: [{ on: [unversioned, nightly], staging }, { on: branch }] })
  new PackageTarget(release, 'jammy', { build, packages: [], architecture: 'x 64' })
  new PublicRepo(app, 'open', { at: { ...packagecloud('a/b', token('T')), write: [] } })
  new StagingRepo(app, '/slash', { at: directory('x') })
  const lines = issuesOf(app).map(([code, path, line]) => [code, path, (line ?? 0) - here()])
  expect(lines).toEqual([
    ['routes/twice', 'empty', -6],
    ['target/distribution', 'acme/jammy', -3],
    ['target/architecture', 'acme/jammy', -3],
    ['target/packages', 'acme/jammy', -3],
    ['secrets/none', 'open', -2],
    ['routes/repository-name', '/slash', -1],
    ['routes/empty', 'empty', -6],
    ['kinds/no-version', 'unversioned', -5],
  ])
})
