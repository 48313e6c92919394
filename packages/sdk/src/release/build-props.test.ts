import { expect, test } from 'vitest'
import { ContainerImage, Duration, gitlabRegistry, PackageTarget, Secret, StagingRepo, sentenceOf } from '../index.js'
import { emptyRelease, issuesOf } from '../testing/small-release.js'

const script = ['make package']

function builtBy(build: object) {
  const { app, release } = emptyRelease()
  new PackageTarget(release, 'el/9', { build: { script, ...build } as never, packages: ['dist/*.rpm'] })
  return { app, job: () => app.synth().document.jobs['build: [el/9]'] }
}

const rows: readonly (readonly [build: object, rendered: object])[] = [
  [{ image: { name: 'builders/el9', entrypoint: [''] } }, { image: { name: 'builders/el9', entrypoint: [''] } }],
  [{ services: ['docker:dind'] }, { services: ['docker:dind'] }],
  [{ cache: { key: 'ccache', paths: ['.ccache/'] } }, { cache: { key: 'ccache', paths: ['.ccache/'] } }],
  [
    { beforeScript: ['a'], afterScript: ['b'] },
    { before_script: ['a'], after_script: ['b'] },
  ],
  [{ retry: { max: 2, when: 'runner_system_failure' } }, { retry: { max: 2, when: 'runner_system_failure' } }],
  [{ parallel: { matrix: [{ ARCH: ['amd64', 'arm64'] }] } }, { parallel: { matrix: [{ ARCH: ['amd64', 'arm64'] }] } }],
  [{ idTokens: { CACHE_TOKEN: { aud: 'https://cache.example' } } }, { id_tokens: { CACHE_TOKEN: { aud: 'https://cache.example' } } }],
  [
    { interruptible: false, timeout: Duration.hours(3) },
    { interruptible: false, timeout: '3 hours' },
  ],
  [{ resourceGroup: 'licence' }, { resource_group: 'licence' }],
  [{ inherit: { default: ['tags'] } }, { inherit: { default: ['tags'] } }],
  [
    { artifacts: { reports: { junit: 'tests.xml' } } },
    { artifacts: { paths: ['dist/*.rpm'], reports: { junit: 'tests.xml' }, expire_in: '3 days', access: 'developer' } },
  ],
  [
    { artifacts: { exclude: ['dist/*.tmp'], access: 'all', when: 'always' }, keep: Duration.days(1) },
    { artifacts: { paths: ['dist/*.rpm'], exclude: ['dist/*.tmp'], access: 'all', when: 'always', expire_in: '1 day' } },
  ],
  [{ tags: undefined, artifacts: undefined, retry: undefined }, { artifacts: { paths: ['dist/*.rpm'] } }],
]

test.each(rows)('a build has %j', (build, rendered) => {
  const { app, job } = builtBy(build)
  expect(issuesOf(app)).toEqual([])
  expect(job()).toMatchObject({ script, ...rendered })
})

test('a build that fetches its credential from Vault gets it, as any job', () => {
  const { job } = builtBy({ secrets: [Secret.vault('ci/signing/key@ops', { as: 'SIGNING_KEY', aud: 'https://vault.example' })] })
  expect(job()).toMatchObject({ secrets: { SIGNING_KEY: { vault: 'ci/signing/key@ops' } } })
})

test.each([
  [{ services: 'docker:dind' }, /services of the job build: \[el\/9\] is "docker:dind", but should be a list/],
  [{ artifacts: 'dist' }, /artifacts of the job .* should be an object/],
  [{ artifacts: { exclude: 'dist' } }, /artifacts.exclude of the job .* should be a list/],
  [
    { artifacts: { paths: ['logs/'] } },
    /build.artifacts.paths .* should be nothing: the target names its files, and the stage job refuses others/,
  ],
  [{ artifacts: { untracked: true } }, /build.artifacts.untracked .* should be nothing/],
  [{ artifacts: { report: {} } }, /artifacts.report, which is not a keyword.*Did you mean artifacts.reports\?/],
  [{ retryy: 2 }, /has retryy, which is not a keyword.*Did you mean retry\?/],
  [{ artifacts: { expireIn: Duration.days(1) } }, /build.artifacts.expireIn .* should be nothing: keep already sets it/],
  [{ artifacts: { when: 'on_failure' } }, /build.artifacts.when .* should be nothing: only a build that passes leaves packages/],
  [{ environment: 'production' }, /build.environment .* should be nothing: only a Job of yours can have it, as the build/],
  [{ rules: [{ when: 'never' }] }, /build.rules .* should be nothing/],
  [{ stage: 'test' }, /build.stage .* should be nothing/],
  [{ needs: ['x'] }, /build.needs\[0\]/],
  [{ secrets: ['TOKEN'] }, /build.secrets\[0\] of the job el\/9 is a text, but should be a Secret/],
])('a build with %j is refused once', (build, sentence) => {
  const issues = builtBy(build)
    .app.synth()
    .issues.map((issue) => `${sentenceOf(issue)}. ${issue.help}`)
  expect(issues).toEqual([expect.stringMatching(sentence)])
})

test('a build that pushes its image leaves reports, and has no copies', () => {
  const synthOf = (build: object) => {
    const { app, tagged, release } = emptyRelease()
    const staging = new StagingRepo(app, 'images', { at: gitlabRegistry('registry.gitlab.com/acme/hello') })
    new ContainerImage(release, 'acme', { build: { script, ...build } as never, routes: [{ on: tagged, staging }] })
    return app.synth()
  }
  const rendered = (build: object) => synthOf(build).document.jobs['build: [acme]']?.['artifacts']
  expect(rendered({})).toBeUndefined()
  expect(rendered({ artifacts: { reports: { junit: 'a.xml' } } })).toEqual({
    reports: { junit: 'a.xml' },
    expire_in: '3 days',
    access: 'developer',
  })
  const [issue] = synthOf({ parallel: 2 }).issues
  expect(issue === undefined ? undefined : sentenceOf(issue)).toContain('but should be nothing: each copy would push the image')
})
