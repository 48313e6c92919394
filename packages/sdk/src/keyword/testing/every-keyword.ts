import { App, Condition, type DefaultProps, Duration, Job, PipelineKind } from '../../index.js'

const runner = { docker: { platform: 'linux/arm64', user: 'dave' }, kubernetes: { user: 1001 } } as const
const manyFiles = [
  'codequality',
  'containerScanning',
  'cyclonedx',
  'dast',
  'dependencyScanning',
  'dotenv',
  'junit',
  'licenseScanning',
  'loadPerformance',
  'lsif',
  'metrics',
  'repositoryXray',
  'requirements',
  'sarif',
  'sast',
  'secretDetection',
  'terraform',
]
const matching = [
  { changes: { paths: ['docs/**'], compareTo: 'main' } },
  { changes: { regexp: 'src/.*' } },
  { exists: { paths: ['x'], project: 'acme/x', ref: 'main' } },
  { exists: { regexp: 'y', project: 'acme/x' } },
]
const git = { git: { url: 'https://x.example', rev: 'main', dir: 'steps', file: 'step.yml' } }
const oci = { oci: { registry: 'r.example', repository: 'steps', tag: '1', dir: '/', file: 'step.yml' } }
const ofDefault = {
  image: { name: 'builder', entrypoint: [''], pullPolicy: ['always', 'if-not-present'], ...runner },
  services: [
    'redis',
    {
      name: 'postgres',
      alias: 'db',
      entrypoint: ['e'],
      command: ['c'],
      pullPolicy: 'never',
      variables: { PGDATA: '$X' },
      ...runner,
    },
  ],
  tags: ['docker'],
  idTokens: { VAULT_TOKEN: { aud: ['https://vault.example'] } },
  identity: 'google_cloud',
  timeout: Duration.hours(2),
  hooks: { preGetSourcesScript: ['echo'] },
  beforeScript: ['before'],
  afterScript: ['after'],
  retry: { max: 2, when: ['api_failure', 'runner_interrupted'], exitCodes: 137 },
  cache: [
    { key: { files: ['package-lock.json'], prefix: 'npm' }, paths: ['.npm/'], policy: 'pull', fallbackKeys: ['npm'], unprotect: true },
    { key: { filesCommits: ['go.sum'] }, untracked: true, when: 'always', policy: '$POLICY' },
  ],
  artifacts: {
    name: 'n',
    paths: ['dist/'],
    exclude: ['dist/tmp'],
    untracked: true,
    exposeAs: 'the build',
    expireIn: 'never',
    when: 'always',
    access: 'developer',
    reports: {
      ...Object.fromEntries(manyFiles.map((kind) => [kind, [`${kind}.json`, 'other.json']])),
      accessibility: 'a',
      annotations: 'a',
      browserPerformance: 'a',
      coverageReport: { coverageFormat: 'cobertura', path: 'c.xml' },
    },
  },
} as const satisfies DefaultProps

/** An app that uses every keyword at least once, in each of its forms. */
export function everyKeyword() {
  const app = new App({
    stages: ['build', 'test', 'deploy'],
    inputs: {
      environment: { description: 'where to', options: ['staging', 'production'], default: 'staging' },
      count: { type: 'number', default: 3 },
      tag: { regex: '^v' },
      region: { rules: [{ if: '$[[ inputs.environment ]] == "staging"', options: ['eu'], default: 'eu' }] },
    },
    include: [
      { local: 'ci/lint.yml', inputs: { strict: true, level: 2, only: ['a'], nested: { a: null } } },
      {
        project: 'acme/ci',
        ref: 'main',
        file: ['a.yml', 'b.yml'],
        rules: [{ if: Condition.tag(), when: 'never' }, { exists: ['go.mod'] }, ...matching],
      },
      { remote: 'https://ci.example/x.yml', integrity: `sha256-${'A'.repeat(43)}=` },
      { template: 'Auto-DevOps.gitlab-ci.yml' },
      { component: 'gitlab.example/acme/scan@1.0', inputs: { stage: 'test' } },
    ],
    workflow: {
      name: 'Pipeline of $CI_COMMIT_REF_NAME',
      autoCancel: { onNewCommit: 'interruptible', onJobFailure: 'all' },
      rules: [{ if: '$CI_COMMIT_MESSAGE =~ /wip/', when: 'never' }, ...matching.map((one) => ({ ...one, when: 'never' as const }))],
    },
    variables: { PLAIN: 'x', CHOSEN: { value: 'a', description: 'which', options: ['a', 'b'], expand: false } },
    default: { ...ofDefault, interruptible: true },
  })
  const main = new PipelineKind(app, 'main', { when: Condition.branch('main') })
  const nightly = new PipelineKind(app, 'nightly', { when: Condition.schedule() })
  const build = new Job(app, 'build', everythingOfScripts(main, nightly))
  const stop = new Job(app, 'stop', {
    stage: 'deploy',
    script: ['down'],
    environment: { name: 'review', action: 'stop' },
    manual: 'optional',
    manualConfirmation: 'Stop it?',
  })
  const deploy = new Job(app, 'deploy', {
    stage: 'deploy',
    needs: [
      build,
      { name: 'lint', artifacts: false, optional: true },
      { pipeline: '$PARENT_PIPELINE_ID', job: 'compile', artifacts: true },
      { project: 'acme/libs', job: 'pack', ref: 'main', artifacts: true },
    ],
    dependencies: [build, { name: 'lint' }],
    script: ['up'],
    startIn: Duration.minutes(30),
    environment: {
      name: 'review',
      url: 'https://review.example',
      onStop: stop,
      autoStopIn: Duration.days(1),
      deploymentTier: 'development',
      kubernetes: {
        agent: 'acme/agents:main',
        namespace: 'review',
        fluxResourcePath: 'kustomize/review',
        managedResources: { enabled: false },
        dashboard: { namespace: 'review', fluxResourcePath: 'kustomize/review' },
      },
    },
    release: {
      tagName: '$CI_COMMIT_TAG',
      name: 'A release',
      description: 'notes.md',
      tagMessage: 'signed',
      ref: '$CI_COMMIT_SHA',
      milestones: ['1.0'],
      releasedAt: new Date('2026-01-02T03:04:05.678Z'),
      assets: { links: [{ name: 'deb', url: 'https://x.example/a.deb', filepath: '/a.deb', linkType: 'package' }] },
    },
    pages: { pathPrefix: 'v1', expireIn: Duration.days(7), publish: 'site' },
  })
  new Job(app, 'some', {
    stage: 'deploy',
    needs: [{ job: build, artifacts: false, parallel: { matrix: [{ OS: 'linux', ARCH: ['amd64'] }] } }],
    run: [
      { name: 'one', script: 'make', env: { A: 'b' } },
      { name: 'two', step: 'gitlab.example/steps/echo@1', inputs: { loud: true, list: [1] } },
      { name: 'three', func: git },
      { name: 'five', step: git },
      { name: 'six', func: oci },
      { name: 'four', step: oci },
    ],
    rules: [...matching, { when: 'on_failure', needs: [{ job: build, artifacts: false, optional: true }] }],
  })
  new Job(app, 'project', {
    stage: 'deploy',
    trigger: {
      project: 'acme/deployer',
      branch: 'main',
      strategy: 'mirror',
      forward: { yamlVariables: false, pipelineVariables: true },
      inputs: { version: '1' },
    },
    allowFailure: true,
    parallel: { matrix: [{ TO: ['eu', 'us'] }] },
  })
  new Job(app, 'child', {
    stage: 'deploy',
    needs: [deploy, build],
    trigger: {
      strategy: 'depend',
      include: [{ artifact: 'child.yml', job: build, inputs: { a: 1 } }, { local: 'other.yml' }, { component: 'gitlab.example/a/b@1' }],
    },
    when: 'always',
  })
  new Job(app, 'children', {
    stage: 'deploy',
    trigger: {
      include: [{ project: 'acme/ci', ref: 'main', file: 'c.yml' }, { remote: 'https://x.example/c.yml' }, { template: 'C.gitlab-ci.yml' }],
    },
  })
  return app
}

function everythingOfScripts(main: PipelineKind, nightly: PipelineKind) {
  return {
    on: [main, nightly],
    ...ofDefault,
    inherit: { default: ['image', 'beforeScript'], variables: ['PLAIN'] },
    inputs: { level: { type: 'number', description: 'how much', options: [1, 2], default: 1 }, name: { regex: '^a', default: 'a' } },
    variables: { A: 'x', B: { value: '$A', expand: false } },
    gitlabSecrets: {
      PARTS: { vault: { engine: { name: 'kv-v2', path: 'ops' }, path: 'db', field: 'password' }, file: false, token: '$VAULT_TOKEN' },
      SHORT: { vault: 'production/db/password@ops' },
      GCP: { gcpSecretManager: { name: 'x', version: 2 }, token: '$VAULT_TOKEN' },
      AZURE: { azureKeyVault: { name: 'x', version: '1' } },
      AWS: {
        awsSecretsManager: {
          secretId: 'x',
          versionId: '1',
          versionStage: 's',
          region: 'eu',
          roleArn: 'r',
          roleSessionName: 'n',
          field: 'f',
        },
      },
      OWN: { gitlabSecretsManager: { name: 'x', source: 'group/acme' } },
    },
    interruptible: false,
    allowFailure: { exitCodes: [1, 2] },
    resourceGroup: 'one',
    parallel: { matrix: [{ OS: 'linux', ARCH: ['amd64', 'arm64'], N: 1 }] },
    script: ['make'],
    coverage: /Lines: \d+\.\d+%/,
    rules: [
      { on: nightly, if: Condition.variable('FULL').isSet(), startIn: Duration.hours(1), variables: { FULL: 'yes' }, interruptible: true },
      { on: nightly, when: 'never' },
      { changes: ['src/**'], needs: [], manual: 'blocking' },
      { exists: ['Makefile'], when: 'always', allowFailure: true },
    ],
  } as const satisfies ConstructorParameters<typeof Job>[2]
}
