import { createHash } from 'node:crypto'
import { parseReleasePlan } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { comparePipelines, Deployment, Duration, PackageTarget, type RemoteProps, Secret } from '../index.js'
import { emptyRelease, here, pinned } from '../testing/small-release.js'

const event = { tag: 'v1.2.3', protected: true }
const props: RemoteProps = {
  url: 'https://ops.gitlab.example/',
  project: 'acme/deployer',
  ref: 'main',
  trigger: Secret.variable('OPS_TRIGGER_TOKEN'),
  read: Secret.variable('OPS_READ_TOKEN'),
}

function made(remote: Partial<RemoteProps> = {}, confirm?: readonly string[]) {
  const base = emptyRelease(pinned)
  new PackageTarget(base.release, 'ubuntu/jammy', { build: { script: ['make'] }, packages: 'dist/*' })
  const preprod = new Deployment(base.release, 'staging', { trigger: { project: 'acme/deployer' } })
  const ops = new Deployment(base.release, 'ops', { remote: { ...props, ...remote }, after: [preprod], environment: 'ops', confirm })
  return { ...base, ops }
}

const expectedJob = (plan: string) => `"deploy: [ops]":
  stage: deploy
  needs:
    - prepare
    - seal
    - {job: "deploy: [staging]", artifacts: false}
  inherit: {default: false, variables: [STAGEGATE_KIND]}
  image: ${pinned.cli?.image}
  variables: {GIT_STRATEGY: empty, RUNNER_SCRIPT_TIMEOUT: 2h10m}
  timeout: 2 hours 20 minutes
  interruptible: false
  environment: ops
  script:
    - echo "${pinned.cli?.sha256}  .stagegate/stagegate.mjs" | sha256sum -c -
    - echo "${createHash('sha256').update(plan).digest('hex')}  .stagegate/release-plan.json" | sha256sum -c -
    - node .stagegate/stagegate.mjs deploy --deployment ops --wait
  retry: {max: 2, when: [runner_system_failure], exit_codes: [4]}
  artifacts:
    when: always
    paths: [.stagegate/deployments/]
    expire_in: never
    access: developer
  rules:
    - if: $STAGEGATE_KIND == "release"`

describe('a deployment on another GitLab', () => {
  const { app } = made()
  const synthesis = app.synth()

  test('is a job with two tokens and nothing foreign', () => {
    expect(synthesis.issues).toEqual([])
    const yaml = synthesis.files[0]?.text ?? ''
    const from = yaml.indexOf('"deploy: [ops]":')
    const job = yaml.slice(from, yaml.indexOf('\n\n', from))
    expect(job).toBe(expectedJob(synthesis.files[1]?.text ?? ''))
  })

  test('is waited for, and waits for those before it', () => {
    const pipeline = synthesis.pipeline(event)
    expect(pipeline.jobs.find(({ name }) => name === 'deploy: [ops]')?.needs).toEqual(['prepare', 'seal', 'deploy: [staging]'])
    expect(pipeline.jobs.find(({ name }) => name === 'publish: [ubuntu/jammy]')?.needs).toContain('deploy: [ops]')
  })

  test('shows its tokens to no other job, and explain says so', () => {
    const tokens = ['OPS_TRIGGER_TOKEN', 'OPS_READ_TOKEN']
    expect(synthesis.factsOf('deploy: [ops]')?.secrets).toEqual(tokens)
    for (const { name, secrets } of synthesis.pipeline(event).jobs)
      expect(secrets.filter((secret) => tokens.includes(secret))).toEqual(name === 'deploy: [ops]' ? tokens : [])
    expect(synthesis.files.at(-1)?.text).toContain('| `OPS_TRIGGER_TOKEN` | deploy | all |')
  })

  test('is in the plan with the names of its tokens, and with what the pipeline is given', () => {
    const { plan, files } = synthesis
    expect(plan.releases[0]?.deployments[1]?.remote).toEqual({
      url: 'https://ops.gitlab.example',
      project: 'acme/deployer',
      ref: 'main',
      trigger: 'OPS_TRIGGER_TOKEN',
      read: 'OPS_READ_TOKEN',
      variables: {
        STAGEGATE_VERSION: '$STAGEGATE_VERSION',
        STAGEGATE_MANIFEST_DIGEST: '$STAGEGATE_MANIFEST_DIGEST',
        STAGEGATE_DEPLOYMENT_KEY: '$STAGEGATE_DEPLOYMENT_KEY',
      },
      inputs: {},
      wait: 7200,
    })
    expect(parseReleasePlan(files[1]?.text ?? '', 'release-plan.json')).toEqual(plan)
  })

  test('is named in the runbook with its place', () => {
    expect(synthesis.files.at(-1)?.text).toContain(
      '`deploy: [ops]` (environment ops, a pipeline of acme/deployer on https://ops.gitlab.example)',
    )
  })
})

test('variables and inputs come beside the three, or in their place', () => {
  const planned = (remote: Partial<RemoteProps>) => made(remote).app.synth().plan.releases[0]?.deployments[1]?.remote
  expect(planned({ variables: { VERSION: 'v$STAGEGATE_VERSION' } })?.variables).toMatchObject({
    STAGEGATE_DEPLOYMENT_KEY: '$STAGEGATE_DEPLOYMENT_KEY',
    VERSION: 'v$STAGEGATE_VERSION',
  })
  expect(planned({ variables: false, inputs: { key: '$STAGEGATE_DEPLOYMENT_KEY' } })).toMatchObject({
    variables: {},
    inputs: { key: '$STAGEGATE_DEPLOYMENT_KEY' },
  })
})

test('the job is given more time than its command takes', () => {
  const { jobs } = made({ timeout: Duration.hours(5) }).app.synth().document
  expect(jobs['deploy: [ops]']).toMatchObject({ timeout: '5 hours 20 minutes', variables: { RUNNER_SCRIPT_TIMEOUT: '5h10m' } })
})

test('it can be confirmed, since a pipeline that has passed is not yet a deployment', () => {
  const { app } = made({}, ['scripts/check ops'])
  expect(app.synth().issues).toEqual([])
  const pipeline = app.synth().pipeline(event)
  expect(pipeline.jobs.find(({ name }) => name === 'publish: [ubuntu/jammy]')?.needs).toContain('confirm: [ops]')
  expect(app.synth().plan.releases[0]?.deployments[1]).toMatchObject({ confirm: 'confirm: [ops]' })
})

test('tokens that go to another instance than before are weaker', () => {
  const version = (remote: Partial<RemoteProps>) => {
    const { files, plan } = made(remote).app.synth()
    return { yaml: files[0]?.text ?? '', plan }
  }
  expect(comparePipelines(version({}), version({}))).toMatchObject({ changes: [] })
  expect(comparePipelines(version({}), version({ url: 'https://elsewhere.example' }))).toMatchObject({
    changes: [{ what: 'weakened', message: 'the tokens of ops go to https://elsewhere.example instead of https://ops.gitlab.example' }],
  })
})

test.each([
  ['url', 'ops.gitlab.example'],
  ['url', 'http://ops.gitlab.example'],
  ['url', 'https://user:pass@ops.gitlab.example'],
  ['url', 'https://ops.gitlab.example/?private_token=x'],
  ['project', 'deployer'],
  ['project', '../x'],
  ['ref', ''],
  ['ref', 'two words'],
  ['trigger', 'OPS_TRIGGER_TOKEN'],
  ['read', undefined],
  ['variables', true],
  ['inputs', ['x']],
  ['timeout', 7200],
])('%s: %j is refused at its line', (property, value) => {
  const { app } = made({ [property]: value })
  const { issues } = app.synth()
  expect(issues).toMatchObject([{ code: 'structure/value', path: 'acme/ops', keyword: `remote.${property}` }])
})

test('properties that nothing reads are refused, also beside remote', () => {
  const { app, release } = made()
  new Deployment(release, 'x', { remote: { ...props, branch: 'main' }, script: ['deploy'] } as never)
  expect(app.synth().issues).toMatchObject([
    { code: 'structure/unknown-property', property: 'script', source: { line: here(-2) } },
    { code: 'structure/unknown-keyword', keyword: 'remote.branch' },
  ])
})
