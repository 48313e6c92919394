import { parseReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { smallRelease } from '../testing/small-release.js'

const { app } = smallRelease()
const synthesis = app.synth()
const [pipeline, plan, runbook] = synthesis.files.map(({ text }) => text)

/** The lines of one job, without the comment that says where it comes from. */
function block(name: string): string {
  const key = /^\w+$/.test(name) ? name : JSON.stringify(name)
  const start = pipeline?.indexOf(`\n${key}:\n`) ?? -1
  return (
    pipeline
      ?.slice(start + 1)
      .split('\n\n', 1)[0]
      ?.trimEnd()
      .replaceAll('0'.repeat(64), '00')
      .replaceAll('a'.repeat(64), 'aa')
      .replaceAll(/[0-9a-f]{64}(?= {2}\.stagegate\/release-plan\.json)/g, 'bb') ?? ''
  )
}
const check = `- echo "aa  .stagegate/stagegate.mjs" | sha256sum -c -
    - echo "bb  .stagegate/release-plan.json" | sha256sum -c -`

test('nothing is wrong with it', () => {
  expect(synthesis.issues).toEqual([])
  expect(synthesis.files.map(({ path }) => path)).toEqual(['.gitlab-ci.yml', 'release-plan.json', 'RELEASING.md'])
})

test('a pipeline is told its kind once; a ref that is not protected is refused', () => {
  const [header, stages, workflow, variables] = pipeline?.split('\n\n') ?? []
  expect(header).toBe('# Written by stagegate synth from small-release.ts. Do not edit; change small-release.ts and synthesize again.')
  expect(stages).toBe('stages: [prepare, build, stage, seal, deploy, publish, verify]')
  expect(workflow).toBe(String.raw`workflow:
  rules:
    - if: $CI_COMMIT_TAG =~ /^v\d+\.\d+\.\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"
      variables: {STAGEGATE_KIND: release}
      auto_cancel: {on_new_commit: none, on_job_failure: none}
    - if: $CI_COMMIT_TAG =~ /^v\d+\.\d+\.\d+$/
      variables: {STAGEGATE_KIND: refused}`)
  expect(variables).toBe('variables: {STAGEGATE_KIND: ""}')
})

test('refused says why, and fails', () => {
  expect(block('refused')).toBe(`refused:
  stage: prepare
  image: node@sha256:00
  inherit: {default: false, variables: [STAGEGATE_KIND]}
  variables: {GIT_STRATEGY: none}
  script:
    - 'echo "The tag or branch $CI_COMMIT_REF_NAME matches a release, but is not protected: nothing was built, and nothing will be."'
    - echo "Protect it in Settings > Repository, then run a new pipeline for it."
    - exit 3
  rules:
    - if: $STAGEGATE_KIND == "refused"`)
})

test('prepare installs the command and hands it on', () => {
  expect(block('prepare')).toBe(`prepare:
  stage: prepare
  needs: []
  inherit: {default: false, variables: [STAGEGATE_KIND]}
  image: node@sha256:00
  interruptible: false
  script:
    - export NPM_CONFIG_IGNORE_SCRIPTS=true YARN_ENABLE_SCRIPTS=false
    - npm ci --ignore-scripts
    - mkdir -p .stagegate
    - cp node_modules/stagegate/dist/stagegate.mjs .stagegate/stagegate.mjs
    - cp release-plan.json .stagegate/release-plan.json
    ${check}
  artifacts:
    paths: [.stagegate/stagegate.mjs, .stagegate/release-plan.json]
    expire_in: 21 days
    access: developer
  rules:
    - if: $STAGEGATE_KIND == "release"`)
})

test('build is the author’s script', () => {
  expect(block('build: [ubuntu/jammy]')).toBe(`"build: [ubuntu/jammy]":
  stage: build
  needs: []
  image: builders/ubuntu/jammy
  script:
    - make package
  artifacts: {paths: [dist/*], expire_in: 3 days, access: developer}
  rules:
    - if: $STAGEGATE_KIND == "release"`)
})

test('stage is a credential job that starts by itself', () => {
  expect(block('stage: [ubuntu/jammy]')).toBe(String.raw`"stage: [ubuntu/jammy]":
  stage: stage
  needs:
    - prepare
    - "build: [ubuntu/jammy]"
  inherit: {default: false, variables: false}
  image: node@sha256:00
  variables: {GIT_STRATEGY: empty, RUNNER_SCRIPT_TIMEOUT: 1h50m}
  timeout: 2 hours
  interruptible: false
  environment: {name: staging/staging, action: prepare, deployment_tier: staging}
  resource_group: staging/staging/ubuntu/jammy
  script:
    ${check}
    - node .stagegate/stagegate.mjs stage --target ubuntu/jammy
  retry: {max: 2, when: [runner_system_failure], exit_codes: [4]}
  artifacts:
    when: always
    paths: [.stagegate/records/]
    expire_in: 21 days
    access: developer
  rules:
    - if: $CI_COMMIT_TAG =~ /^v\d+\.\d+\.\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"
      variables: {STAGEGATE_KIND: release}`)
})

test('seal needs every stage job', () => {
  expect(block('seal')).toBe(`seal:
  stage: seal
  needs:
    - prepare
    - "stage: [ubuntu/jammy]"
    - "stage: [debian/bookworm]"
    - "stage: [el/9]"
  inherit: {default: false, variables: [STAGEGATE_KIND]}
  image: node@sha256:00
  variables: {GIT_STRATEGY: empty}
  interruptible: false
  script:
    ${check}
    - node .stagegate/stagegate.mjs seal
  artifacts:
    paths: [.stagegate/release-manifest.json, .stagegate/release-manifest.sha256]
    reports: {dotenv: .stagegate/release.env}
    expire_in: never
    access: developer
  rules:
    - if: $STAGEGATE_KIND == "release"`)
})

test('a deployment triggers a pipeline, waits for its end, and forwards nothing', () => {
  const common = `  interruptible: false
  trigger:
    project: acme/deployer
    strategy: depend
    forward: {yaml_variables: false, pipeline_variables: false}
  rules:
    - if: $STAGEGATE_KIND == "release"`
  expect(block('deploy: [staging]')).toBe(`"deploy: [staging]":\n  stage: deploy\n  needs: [seal]\n${common}`)
  expect(block('deploy: [production]')).toBe(
    `"deploy: [production]":\n  stage: deploy\n  needs:\n    - seal\n    - {job: "deploy: [staging]", artifacts: false}\n${common}`,
  )
})

test('publish is what the design shows', () => {
  expect(block('publish: [ubuntu/jammy]')).toBe(String.raw`"publish: [ubuntu/jammy]":
  stage: publish
  needs:
    - prepare
    - seal
    - {job: "deploy: [staging]", artifacts: false}
    - {job: "deploy: [production]", artifacts: false}
  inherit: {default: false, variables: false}
  image: node@sha256:00
  variables: {GIT_STRATEGY: empty, RUNNER_SCRIPT_TIMEOUT: 1h50m}
  timeout: 2 hours
  interruptible: false
  environment: {name: public/stable, action: prepare, deployment_tier: production}
  resource_group: public/stable/ubuntu/jammy
  script:
    ${check}
    - node .stagegate/stagegate.mjs publish --target ubuntu/jammy
  retry: {max: 2, when: [runner_system_failure], exit_codes: [4]}
  artifacts:
    when: always
    paths: [.stagegate/receipts/]
    reports: {junit: .stagegate/receipts/*.junit.xml}
    expire_in: never
    access: developer
  rules:
    - if: $CI_COMMIT_TAG =~ /^v\d+\.\d+\.\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"
      when: manual
      allow_failure: false`)
})

test('verify needs its publish, and holds no credential', () => {
  expect(block('verify: [ubuntu/jammy]')).toBe(`"verify: [ubuntu/jammy]":
  stage: verify
  needs:
    - prepare
    - seal
    - "publish: [ubuntu/jammy]"
  inherit: {default: false, variables: [STAGEGATE_KIND]}
  image: node@sha256:00
  variables: {GIT_STRATEGY: empty}
  timeout: 1 hour
  interruptible: false
  script:
    ${check}
    - node .stagegate/stagegate.mjs verify --target ubuntu/jammy
  retry: {max: 2, when: [runner_system_failure], exit_codes: [4]}
  artifacts:
    when: always
    paths: [.stagegate/verifications/]
    reports: {junit: .stagegate/verifications/*.junit.xml}
    expire_in: never
    access: developer
  rules:
    - if: $STAGEGATE_KIND == "release"`)
})

test.each(['debian/bookworm', 'el/9'])('%s differs from the first target in its name alone', (target) => {
  for (const phase of ['build', 'stage', 'publish', 'verify'])
    expect(block(`${phase}: [${target}]`)).toBe(block(`${phase}: [ubuntu/jammy]`).replaceAll('ubuntu/jammy', target))
})

test('the plan is what its schema says, and names every job as the pipeline does', () => {
  const read = parseReleasePlan(plan ?? '', 'release-plan.json')
  expect(read).toEqual(synthesis.plan)
  const [release] = read.releases
  const names = [
    ...(release?.deployments.map(({ job }) => job) ?? []),
    ...new Set(release?.targets.flatMap(({ jobs }) => Object.values(jobs)) ?? []),
  ]
  expect(names.toSorted()).toEqual(
    Object.keys(synthesis.document.jobs)
      .filter((name) => !['prepare', 'refused'].includes(name))
      .toSorted(),
  )
  const when = { fact: 'tag', operator: '=~', operand: '^v\\d+\\.\\d+\\.\\d+$' }
  expect(read.kinds).toEqual({ release: { when, version: { tag: '^v(\\d+\\.\\d+\\.\\d+)$' }, publishes: true } })
  expect(plan).not.toMatch(/secret|"value"/i)
})

describe('the runbook', () => {
  test('names every publish and verify job, every deployment and every credential', () => {
    for (const name of Object.keys(synthesis.document.jobs).filter((job) => /^(publish|verify|deploy|seal)/.test(job)))
      expect(runbook).toContain(`\`${name}\``)
    expect(runbook).toContain('| `STAGING_TOKEN` | stage, publish | all |')
    expect(runbook).toContain('| `PUBLIC_TOKEN` | publish | `public/*` |')
  })

  test('counts its steps without a gap', () => {
    expect([...(runbook ?? '').matchAll(/^(\d)\. /gm)].map(([, step]) => step)).toEqual(['1', '2', '3', '4', '5'])
  })
})

describe('pipeline(event)', () => {
  test('a tag waits for a person, a branch builds nothing', () => {
    const tag = synthesis.pipeline({ tag: 'v1.2.3', protected: true })
    expect(tag.manual).toEqual(['publish: [ubuntu/jammy]', 'publish: [debian/bookworm]', 'publish: [el/9]'])
    expect(tag.waitsFor('publish: [el/9]')).toContain('deploy: [production]')
    expect(synthesis.pipeline({ branch: 'main' }).names()).toEqual([])
    expect(synthesis.pipeline({ branch: 'main' }).kind).toBeUndefined()
    expect(synthesis.pipeline({ mergeRequest: 'fix' }).kind).toBeUndefined()
  })

  test('a tag that is not protected is refused, and starts nothing else', () => {
    const refused = synthesis.pipeline({ tag: 'v1.2.3' })
    expect([refused.kind, refused.names()]).toEqual(['refused', ['refused']])
  })

  test('names takes a glob', () => {
    const tag = synthesis.pipeline({ tag: 'v1.2.3', protected: true })
    expect(tag.names('* [el/9]')).toEqual(['build: [el/9]', 'stage: [el/9]', 'publish: [el/9]', 'verify: [el/9]'])
    expect(tag.names('publish: [ubuntu/*]')).toEqual(['publish: [ubuntu/jammy]'])
    expect(tag.names('publish')).toEqual([])
    expect(tag.names()).toHaveLength(16)
  })

  test('waitsFor names the jobs of the pipeline when it is asked for another', () => {
    expect(() => synthesis.pipeline({ tag: 'v1.2.3' }).waitsFor('seal')).toThrow(
      new RangeError('Expected a job of this pipeline, got "seal"; it has refused'),
    )
    expect(() => synthesis.pipeline({ branch: 'main' }).waitsFor('seal')).toThrow('it has none')
  })

  test('each job says why it is there, where it was made and what it can see', () => {
    const publish = synthesis.pipeline({ tag: 'v1.2.3', protected: true }).jobs.find(({ name }) => name === 'publish: [el/9]')
    expect(publish).toMatchObject({
      start: 'manual',
      stage: 'publish',
      secrets: ['STAGING_TOKEN', 'PUBLIC_TOKEN'],
      because: '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/ && $CI_COMMIT_REF_PROTECTED == "true"',
      source: { file: expect.stringMatching(/small-release\.ts$/) },
    })
  })

  test('variables of the event outrank all others', () => {
    const forged = synthesis.pipeline({ branch: 'main', variables: { CI_COMMIT_TAG: 'v1.2.3', CI_COMMIT_REF_PROTECTED: 'true' } })
    expect(forged.kind).toBe('release')
  })
})
