/** Ways around the gate, and pipelines that have none: each a few lines on top of a small release or of a small file. */
export interface MoreCase {
  readonly id: string
  readonly expect: string
  /** Lines of `pipeline.ts` after the release. */
  readonly lines?: string
  /** Properties of the app. */
  readonly app?: string
  /** In place of the condition of the kind that publishes. */
  readonly when?: string
  /** In place of the credential of the public repository. */
  readonly token?: string
  /** A whole file, in place of the lines. */
  readonly yaml?: string
  readonly files?: Readonly<Record<string, string>>
}

const vault = "Secret.vault('release/packagecloud/token@ops', { as: 'PUBLIC_TOKEN', aud: 'https://vault.example/publish' })"
const reach = 'exit 3, secrets/reachable or secrets/environment as an error'
const undeclared = 'at least a warning: a way to the public that no PublicRepo stands for'
const onPublish = (change: string) => `app.patch('x', (d) => { const job = d.jobs['publish: [el/9]']!; ${change} })`
const artifacts = (...globs: string[]) => `el9.jobs.build.addOverride('artifacts.paths', ${JSON.stringify(globs)}, 'x')`
const job = (props: string) => `new Job(app, 'x', { on: branch, script: ['./x'], ${props} })`
const staged = (first: string, second: string) =>
  `new StagingRepo(app, 's2', { at: ${first} })\nnew PublicRepo(app, 'p2', { at: ${second} })`
const account = (name: string) => `{ username: 'a', password: Secret.variable('${name}') }`

const publish = `publish:
  stage: publish
  needs: [deploy]
  script: [./publish]
  rules:
    - if: $CI_COMMIT_TAG =~ /^v/ && $CI_COMMIT_REF_PROTECTED == "true"
      when: manual
      allow_failure: false
`
const deploy = 'stages: [build, deploy, publish]\ndeploy:\n  stage: deploy\n  script: [./deploy]\n'
const file = deploy + publish
const open = 'exit 3, gate/open'
const safe = 'exit 0, no error'

export const moreCases: readonly MoreCase[] = [
  // Names of GitLab's that the pipeline redefines.
  {
    id: 'mr-and-branch',
    expect: open,
    yaml: `variables: {CI_PIPELINE_SOURCE: merge_request_event}\n${deploy}publish:\n  stage: publish\n  script: [./publish $PUBLIC_TOKEN]\n  rules: [{if: '$CI_PIPELINE_SOURCE == "merge_request_event" && $CI_COMMIT_BRANCH'}]\n`,
  },
  { id: 'second-rule', expect: open, yaml: `variables: {CI_COMMIT_TAG: v1}\n${file}    - if: $CI_COMMIT_TAG && $CI_COMMIT_BRANCH\n` },
  {
    id: 'branch-variable',
    expect: open,
    yaml: `variables: {CI_COMMIT_BRANCH: main}\n${file.replaceAll('$CI_COMMIT_TAG =~ /^v/', '$CI_COMMIT_BRANCH == "main"')}`,
  },
  {
    id: 'job-variable',
    expect: open,
    yaml: file.replace('  script: [./publish]', '  script: [./publish]\n  variables: {CI_COMMIT_TAG: v1}'),
  },
  { id: 'rule-of-workflow', expect: open, yaml: `workflow: {rules: [{if: $CI_COMMIT_BRANCH, variables: {CI_COMMIT_TAG: v1}}]}\n${file}` },
  {
    id: 'impossible-in-a-child',
    expect: 'exit 3, secrets/in-child',
    lines: "new Job(app, 'c', { on: branch, trigger: { include: 'ci/c.yml', strategy: 'depend' } })",
    files: {
      'ci/c.yml':
        'variables: {CI_COMMIT_TAG: v1}\nup: {script: [push $PUBLIC_TOKEN], rules: [{if: $CI_COMMIT_TAG && $CI_COMMIT_BRANCH}]}\n',
    },
  },
  {
    id: 'never-by-its-kind',
    expect: reach,
    lines: "new Job(app, 'x', { on: tagged, inherit: { variables: false }, script: ['push $PUBLIC_TOKEN'] })",
  },
  // Copies.
  {
    id: 'matrix-over-job',
    expect: reach,
    lines: job("variables: { WHERE: 'review' }, environment: '$WHERE/stable', parallel: { matrix: [{ WHERE: ['review', 'public'] }] }"),
  },
  {
    id: 'matrix-of-two',
    expect: reach,
    lines: job("environment: '$A$B/stable', parallel: { matrix: [{ A: ['re', 'pub'], B: ['view', 'lic'] }] }"),
  },
  {
    id: 'matrix-audience',
    expect: 'exit 3, secrets/reachable',
    token: vault,
    lines: job(
      "variables: { AUD: 'https://a.example' }, idTokens: { T: { aud: '$AUD' } }, parallel: { matrix: [{ AUD: ['https://vault.example/publish'] }] }",
    ),
  },
  {
    id: 'matrix-of-the-gate',
    expect: 'exit 3, structure/duplicate-name',
    lines:
      "new Job(app, 'deploy', { stage: 'deploy', on: tagged, trigger: { project: 'acme/x', strategy: 'depend' }, parallel: { matrix: [{ WHERE: ['staging', 'production'] }] } })",
  },
  {
    id: 'matrix-of-verify',
    expect: 'exit 3, structure/duplicate-name',
    lines: "new Job(app, 'verify', { stage: 'verify', on: tagged, script: ['true'], parallel: { matrix: [{ WHERE: ['el/9'] }] } })",
  },
  {
    id: 'matrix-of-a-gate-by-hand',
    expect: 'exit 3, structure/duplicate-name or gate/open',
    yaml: `${file.replace('needs: [deploy]', 'needs: ["deploy: [production]"]').replace('deploy:\n  stage', '"deploy: [production]":\n  stage')}deploy:\n  stage: deploy\n  script: ["true"]\n  parallel: {matrix: [{WHERE: [production]}]}\n`,
  },
  {
    id: 'one-copy-by-number',
    expect: open,
    yaml: file.replace('script: [./deploy]', 'script: [./deploy]\n  parallel: 2').replace('needs: [deploy]', 'needs: [deploy 1/2]'),
  },
  {
    id: 'optional-copies',
    expect: open,
    yaml: file
      .replace('script: [./deploy]', 'script: [./deploy]\n  parallel: {matrix: [{A: [x, y]}]}')
      .replace('needs: [deploy]', 'needs: [{job: deploy, optional: true, parallel: {matrix: [{A: [x, y]}]}}]'),
  },
  {
    id: 'all-copies',
    expect: safe,
    yaml: file
      .replace('script: [./deploy]', 'script: [./deploy]\n  parallel: {matrix: [{A: [x, y]}]}')
      .replace('needs: [deploy]', 'needs: [{job: deploy, parallel: {matrix: [{A: [x, y]}]}}]'),
  },
  {
    id: 'all-copies-by-number',
    expect: safe,
    yaml: file
      .replace('script: [./deploy]', 'script: [./deploy]\n  parallel: 2')
      .replace('needs: [deploy]', 'needs: [deploy 1/2, deploy 2/2]'),
  },
  {
    id: 'copy-of-its-own-matrix',
    expect: safe,
    yaml: file
      .replace('script: [./deploy]', 'script: [./deploy]\n  parallel: {matrix: [{A: [x, y]}]}')
      .replace(
        'needs: [deploy]',
        'parallel: {matrix: [{A: [x], B: [y]}]}\n  needs: [{job: deploy, parallel: {matrix: [{A: "$[[ matrix.A ]]"}, {A: "$[[matrix.B]]"}]}}]',
      ),
  },
  {
    id: 'copy-of-its-own-matrix-alone',
    expect: open,
    yaml: file
      .replace('script: [./deploy]', 'script: [./deploy]\n  parallel: {matrix: [{A: [x, y]}]}')
      .replace(
        'needs: [deploy]',
        'parallel: {matrix: [{A: [x, y]}]}\n  needs: [{job: deploy, parallel: {matrix: [{A: "$[[ matrix.A ]]"}]}}]',
      ),
  },
  {
    id: 'all-copies-by-a-rule',
    expect: safe,
    yaml: file
      .replace('script: [./deploy]', 'script: [./deploy]\n  parallel: {matrix: [{A: [x, y]}]}')
      .replace('needs: [deploy]', 'needs: []')
      .replace('allow_failure: false', 'allow_failure: false\n      needs: [deploy]'),
  },
  {
    id: 'matrix-beside-a-variable',
    expect: reach,
    lines: job("variables: { WHERE: 'pub' }, environment: '${WHERE}lic/$A', parallel: { matrix: [{ A: ['x', 'y'] }] }"),
  },
  {
    id: 'a-matrix-without-end',
    expect: 'exit 3, secrets/in-child',
    yaml: `${file}c: {stage: build, trigger: {include: [{local: a.yml}]}}\n`,
    files: {
      'a.yml': `e:\n  script: [x]\n  environment: $A/x\n  parallel: {matrix: [{${['A', 'B', 'C', 'D', 'E'].map((name) => `${name}: [public, ${Array.from({ length: 90 }, (_, index) => `v${index}`).join(', ')}]`).join(', ')}}]}\n`,
    },
  },
  // extends, without an include.
  {
    id: 'extends-publish',
    expect: reach,
    lines:
      "new Job(app, 'smoke', { on: branch, script: ['./smoke'], inherit: { variables: ['STAGEGATE_KIND'] } }).addOverride('extends', 'publish: [el/9]', 'the same form')",
  },
  {
    id: 'extends-a-secret',
    expect: 'exit 3, secrets/reachable',
    lines:
      "new Job(app, 'form', { on: tagged, exempt: { publishes: 'nothing', because: 'a form' }, script: ['true'], variables: { T: '$PUBLIC_TOKEN' } })\nnew Job(app, 'smoke', { on: branch, script: ['./smoke'] }).addOverride('extends', ['form'], 'the same form')",
  },
  // Children.
  {
    id: 'child-forwarded',
    expect: 'exit 3, secrets/in-child',
    lines: "new Job(app, 'c', { on: branch, variables: { WHERE: 'public' }, trigger: { include: 'ci/c.yml', strategy: 'depend' } })",
    files: { 'ci/c.yml': 'smoke: {script: [./smoke], environment: $WHERE/stable}\n' },
  },
  {
    id: 'child-forwarded-over-a-rule',
    expect: 'exit 3, secrets/in-child',
    lines: "new Job(app, 'c', { on: branch, variables: { WHERE: 'public' }, trigger: { include: 'ci/c.yml', strategy: 'depend' } })",
    files: { 'ci/c.yml': 'smoke: {script: [./smoke], environment: $WHERE/stable, rules: [{when: always, variables: {WHERE: review}}]}\n' },
  },
  {
    id: 'child-of-a-question',
    expect: 'exit 3, secrets/in-child',
    lines:
      "app.patch('x', (d) => { d.variables.WHERE = 'review'; d.prefill = { WHERE: { value: 'review', description: 'Where?' } } })\nnew Job(app, 'c', { on: branch, trigger: { include: 'ci/c.yml', strategy: 'depend' } })",
    files: { 'ci/c.yml': 'smoke: {script: [./smoke], variables: {WHERE: review}, environment: $WHERE/stable}\n' },
  },
  {
    id: 'child-of-a-root-variable',
    expect: 'exit 3, secrets/in-child',
    lines:
      "app.patch('x', (d) => { d.variables.WHERE = 'public' })\nnew Job(app, 'c', { on: branch, trigger: { include: 'ci/c.yml', strategy: 'depend' } })",
    files: { 'ci/c.yml': 'smoke: {script: [./smoke], variables: {WHERE: review}, environment: $WHERE/stable}\n' },
  },
  {
    id: 'child-of-a-matrix',
    expect: 'exit 3, secrets/in-child',
    lines:
      "new Job(app, 'c', { on: branch, trigger: { include: 'ci/c.yml', strategy: 'depend' }, parallel: { matrix: [{ WHERE: ['review', 'public'] }] } })",
    files: { 'ci/c.yml': 'smoke: {script: [./smoke], environment: $WHERE/stable}\n' },
  },
  {
    id: 'child-not-forwarded',
    expect: safe,
    lines:
      "new Job(app, 'c', { on: branch, variables: { WHERE: 'public' }, trigger: { include: 'ci/c.yml', strategy: 'depend', forward: { yamlVariables: false } } })",
    files: { 'ci/c.yml': 'variables: {WHERE: review}\nsmoke: {script: [./smoke], environment: $WHERE/stable}\n' },
  },
  {
    id: 'child-with-an-optional-click',
    expect: open,
    lines: "new Deployment(release, 'checks', { trigger: { include: 'ci/c.yml' } })",
    files: { 'ci/c.yml': 'install: {script: [./install], when: manual}\n' },
  },
  {
    id: 'child-that-is-never-there',
    expect: open,
    lines: "new Deployment(release, 'checks', { trigger: { include: 'ci/c.yml' } })",
    files: { 'ci/c.yml': 'install: {script: [./install], rules: [{if: $X}]}\n' },
  },
  {
    id: 'child-that-has-to-pass',
    expect: safe,
    lines: "new Deployment(release, 'checks', { trigger: { include: 'ci/c.yml' } })",
    files: {
      'ci/c.yml':
        'workflow: {rules: [{if: $CI_PIPELINE_SOURCE == "parent_pipeline"}]}\ninstall: {script: [./install], rules: [{if: $CI_PIPELINE_SOURCE == "parent_pipeline"}]}\n',
    },
  },
  {
    id: 'child-with-an-optional-click-by-hand',
    expect: open,
    yaml: file.replace('script: [./deploy]', 'trigger: {include: [{local: ci/c.yml}], strategy: depend}'),
    files: { 'ci/c.yml': 'x: {script: [./x], when: manual}\n' },
  },
  // Files.
  {
    id: 'include-input',
    expect: 'exit 3, secrets/renamed',
    app: "include: [{ component: 'gitlab.com/acme/release/upload@1', inputs: { token: '$PUBLIC_TOKEN' } }]",
  },
  {
    id: 'include-input-by-hand',
    expect: 'exit 3, secrets/renamed',
    yaml: `include: [{component: gitlab.com/acme/release/upload@1, inputs: {token: $PUBLIC_TOKEN}}]\n${file}`,
  },
  { id: 'include-remote', expect: 'not 0 (or gate/include)', yaml: `include: [{remote: 'https://acme.example/x.yml'}]\n${file}` },
  {
    id: 'include-with-rules',
    expect: 'not 0 (or gate/include)',
    yaml: `include: [{local: ci/x.yml, rules: [{if: $X}]}]\n${file}`,
    files: { 'ci/x.yml': 'up: {script: [push $PUBLIC_TOKEN]}\n' },
  },
  {
    id: 'include-with-rules-that-is-harmless',
    expect: safe,
    yaml: `include: [{local: ci/x.yml, rules: [{if: $X}]}]\n${file}`,
    files: { 'ci/x.yml': 'lint: {script: [lint]}\n' },
  },
  {
    id: 'child-from-an-artifact',
    expect: 'not 0 (or gate/include)',
    yaml: `${file}make: {stage: build, script: [./make]}\nmore: {stage: deploy, trigger: {include: [{artifact: child.yml, job: make}]}}\n`,
  },
  { id: 'include-with-a-variable', expect: 'not 0 (or gate/include)', yaml: `include: [{local: 'ci/$X.yml'}]\n${file}` },
  // Inputs.
  {
    id: 'input-allow-failure',
    expect: open,
    yaml: `spec:\n  inputs:\n    soft: {type: boolean, default: false}\n---\n${file.replace('allow_failure: false', 'allow_failure: $[[ inputs.soft ]]')}`,
  },
  {
    id: 'input-of-any-start',
    expect: open,
    yaml: `spec:\n  inputs:\n    mode: {default: manual}\n---\n${file.replace('when: manual', 'when: $[[ inputs.mode ]]')}`,
  },
  {
    id: 'input-in-a-rule',
    expect: open,
    yaml: `spec:\n  inputs:\n    tag: {default: 'true'}\n---\n${file.replace('== "true"', '== "$[[ inputs.tag ]]"')}`,
  },
  {
    id: 'input-of-needs',
    expect: open,
    yaml: `spec:\n  inputs:\n    gates: {type: array, default: [deploy]}\n---\n${file.replace('needs: [deploy]', 'needs: $[[ inputs.gates ]]')}`,
  },
  {
    id: 'input-of-a-gate',
    expect: open,
    yaml: `spec:\n  inputs:\n    soft: {type: boolean, default: false}\n---\n${file.replace('script: [./deploy]', 'script: [./deploy]\n  allow_failure: $[[ inputs.soft ]]')}`,
  },
  {
    id: 'input-of-an-environment',
    expect: reach,
    yaml: `spec:\n  inputs:\n    where: {default: review}\n---\n${file}smoke: {stage: build, script: [./smoke], environment: '$[[ inputs.where ]]/x'}\n`,
  },
  {
    id: 'input-that-is-harmless',
    expect: safe,
    yaml: `spec:\n  inputs:\n    stage: {default: deploy}\n    what: {options: [a, b], default: a}\n    n: {type: number, default: 2}\n---\n${file.replace('script: [./deploy]', 'script: ["./deploy $[[ inputs.what ]] $[[ inputs.n ]]"]')}`,
  },
  {
    id: 'input-that-names-a-job',
    expect: 'exit 3, structure/duplicate-name',
    yaml: `spec:\n  inputs:\n    name: {default: x}\n---\n${file}'$[[ inputs.name ]]': {stage: deploy, script: ['true']}\n`,
  },
  {
    id: 'input-that-names-another-job',
    expect: safe,
    yaml: `spec:\n  inputs:\n    name: {default: x}\n---\n${file}'test $[[ inputs.name ]]': {stage: deploy, script: ['true']}\n`,
  },
  // The click.
  {
    id: 'click-at-the-start',
    expect: open,
    yaml: 'stages: [start, deploy, publish]\nstart: {stage: start, script: ["true"], rules: [{if: &p \'$CI_COMMIT_REF_PROTECTED == "true"\', when: manual, allow_failure: false}]}\ndeploy: {stage: deploy, needs: [start], script: [./deploy], rules: [{if: *p}]}\npublish: {stage: publish, needs: [deploy], script: [./publish], rules: [{if: *p}]}\n',
  },
  {
    id: 'click-on-the-gate',
    expect: open,
    yaml: file
      .replace('script: [./deploy]', 'script: [./deploy]\n  when: manual\n  allow_failure: false')
      .replace('      when: manual\n      allow_failure: false\n', ''),
  },
  {
    id: 'automatic-after-another-job',
    expect: open,
    yaml: `${deploy}check: {stage: deploy, needs: [deploy], script: ["true"]}\n${publish.replace('needs: [deploy]', 'needs: [deploy, check]').replace('      when: manual\n      allow_failure: false\n', '')}`,
  },
  {
    id: 'click-after-the-gate-by-one-rule',
    expect: open,
    yaml: `${deploy}approve:\n  stage: deploy\n  script: ["true"]\n  rules:\n    - {if: '$A && $CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false, needs: [deploy]}\n    - {if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false, needs: []}\n${publish.replace('needs: [deploy]', 'needs: [deploy, approve]').replace('      when: manual\n      allow_failure: false\n', '')}`,
  },
  {
    id: 'click-after-the-gate',
    expect: safe,
    yaml: `${deploy}approve: {stage: deploy, needs: [deploy], script: ["true"], rules: [{if: '$CI_COMMIT_REF_PROTECTED == "true"', when: manual, allow_failure: false}]}\n${publish.replace('needs: [deploy]', 'needs: [deploy, approve]').replace('      when: manual\n      allow_failure: false\n', '')}`,
  },
  {
    id: 'approve-before-the-seal',
    expect: open,
    lines: "app.patch('x', (d) => { d.jobs.approve!.needs = ['prepare'] })",
    app: "__APPROVAL__: 'once'",
  },
  // Artifacts.
  {
    id: 'publish-needs-other-pipeline',
    expect: 'exit 3, isolation/artifacts',
    lines: onPublish("(job.needs as any).push({ pipeline: '$UPSTREAM', job: 'make' })"),
  },
  {
    id: 'seal-needs-other-project',
    expect: 'exit 3, isolation/artifacts',
    lines:
      "app.patch('x', (d) => { (d.jobs.seal!.needs as any).push({ project: 'acme/tools', job: 'make', ref: 'main', artifacts: true }) })",
  },
  {
    id: 'seal-needs-a-job',
    expect: 'exit 3, isolation/artifacts or isolation/overlap',
    lines:
      "new Job(app, 'x', { on: tagged, script: ['./x'], artifacts: { paths: ['y/'] } })\napp.patch('x', (d) => { (d.jobs.seal!.needs as any).push('x') })",
  },
  ...[
    '$DIR/',
    '{dist,.stagegate}/**',
    'dist/../.stagegate/',
    './',
    '**',
    '.s*/',
    '?stagegate',
    '*/*.json',
    '$CI_PROJECT_DIR/.stagegate',
    '${DIR}/release-plan.json',
    '.stagegate/../.stagegate/**/*',
    '[!a]stagegate/',
    '.stagegate',
    '*/',
  ].map((glob, index) => ({
    id: `artifact-${index}`,
    expect: 'exit 3, isolation/overlap',
    lines: artifacts(glob),
  })),
  ...[
    '**/*.rpm',
    'dist/',
    'dist/**',
    'logs/*',
    '*.rpm',
    '$CI_PROJECT_DIR/dist',
    'dist/$CI_JOB_NAME.rpm',
    '{dist,out}/**',
    '.stagegate-notes/',
    'a/.stagegate/',
  ].map((glob, index) => ({
    id: `harmless-artifact-${index}`,
    expect: safe,
    lines: artifacts(glob),
  })),
  { id: 'untracked', expect: 'exit 3, isolation/overlap', lines: "el9.jobs.build.addOverride('artifacts.untracked', true, 'x')" },
  {
    id: 'prepare-dotenv',
    expect: 'exit 3, isolation/*',
    lines: "app.patch('x', (d) => { (d.jobs.prepare!.artifacts as any).reports = { dotenv: 'x.env' } })",
  },
  { id: 'prepare-installs', expect: 'isolation/lifecycle-scripts as a warning', app: "cli: { image, install: ['npm ci'] }" },
  {
    id: 'prepare-forces-scripts',
    expect: 'exit 3, isolation/lifecycle-scripts',
    app: "cli: { image, install: ['npm ci --ignore-scripts=false'] }",
  },
  {
    id: 'dotenv-by-hand',
    expect: 'exit 3, isolation/*',
    yaml: `${file.replace('needs: [deploy]', 'needs: [deploy, build]')}build: {stage: build, script: [make], artifacts: {reports: {dotenv: build.env}}}\n`,
  },
  // Images, scripts and variables of the release's jobs.
  { id: 'publish-image-variable', expect: 'isolation/* judged on the document', lines: onPublish("job.image = '$UPLOADER_IMAGE'") },
  { id: 'publish-image-latest', expect: 'isolation/* judged on the document', lines: onPublish("job.image = 'node:latest'") },
  {
    id: 'publish-other-plan',
    expect: 'isolation/* judged on the document',
    lines: onPublish("job.script = (job.script as string[]).map((line) => line + (line.startsWith('node') ? ' --plan other.json' : ''))"),
  },
  {
    id: 'publish-other-command',
    expect: 'isolation/* judged on the document',
    lines: onPublish("job.script = ['package_cloud push acme/stable/el/9 dist/*.rpm']"),
  },
  {
    id: 'publish-twice',
    expect: 'isolation/* judged on the document',
    lines: onPublish('job.script = [...(job.script as string[]), ...(job.script as string[])]'),
  },
  {
    id: 'publish-rule-variable',
    expect: 'isolation/* judged on the document',
    lines: onPublish("(job.rules as any)[0].variables = { NODE_OPTIONS: '--require ./x.js' }"),
  },
  { id: 'publish-run', expect: 'isolation/* judged on the document', lines: onPublish("job.run = [{ name: 'x', script: './x' }]") },
  {
    id: 'publish-checkout-path',
    expect: 'isolation/* judged on the document',
    lines: onPublish("Object.assign(job.variables as any, { GIT_CLONE_PATH: '$CI_BUILDS_DIR/x' })"),
  },
  {
    id: 'publish-in-a-folder-that-is-not-emptied',
    expect: 'isolation/* judged on the document',
    lines: onPublish("Object.assign(job.variables as any, { GIT_STRATEGY: 'none' })"),
  },
  {
    id: 'seal-in-a-folder-that-is-not-emptied',
    expect: 'isolation/* judged on the document',
    lines: "app.patch('x', (d) => { d.jobs.seal!.variables = {} })",
  },
  {
    id: 'publish-as-another-kind',
    expect: 'isolation/* judged on the document',
    lines: onPublish("Object.assign(job.variables as any, { STAGEGATE_REHEARSAL: '1' })"),
  },
  { id: 'publish-with-more-time', expect: safe, lines: onPublish("Object.assign(job.variables as any, { RUNNER_SCRIPT_TIMEOUT: '3h' })") },
  { id: 'allow-hostile', expect: 'exit 3, isolation/allowed-variable', app: "cli: { image, allow: ['NODE_OPTIONS', 'CI_DEBUG_TRACE'] }" },
  { id: 'allow-a-proxy', expect: safe, app: "cli: { image, allow: ['HTTPS_PROXY', 'NODE_EXTRA_CA_CERTS'] }" },
  // Names.
  {
    id: 'env-prefilled',
    expect: reach,
    app: "variables: { TENANT_SLUG: { value: 'review', description: 'x' } }",
    lines: job("environment: '$TENANT_SLUG/stable'"),
  },
  {
    id: 'env-overridable',
    expect: 'secrets/environment-default as a warning',
    app: "variables: { WHERE: 'review' }",
    lines: job("environment: '$WHERE/stable'"),
  },
  { id: 'env-percent', expect: reach, lines: job("variables: { WHERE: 'public' }, environment: '%WHERE%/stable'") },
  { id: 'env-slug-of-a-branch', expect: reach, lines: job("environment: '$CI_COMMIT_REF_SLUG/stable'") },
  { id: 'env-half', expect: reach, lines: job("environment: 'pub${REST}/stable'") },
  { id: 'env-of-its-own', expect: safe, lines: job("environment: 'review/$CI_COMMIT_REF_NAME'") },
  { id: 'env-that-cannot', expect: safe, lines: job("environment: 'published/$CI_COMMIT_REF_SLUG'") },
  {
    id: 'vault-engine-slash',
    expect: 'exit 3, secrets/reachable',
    token: vault,
    lines: job(
      "idTokens: { T: { aud: 'https://vault.example' } }, gitlabSecrets: { T2: { vault: { engine: { name: 'kv-v2', path: 'ops/' }, path: 'release/packagecloud', field: 'token' }, token: '$T' } }",
    ),
  },
  {
    id: 'vault-generic',
    expect: 'exit 3, secrets/reachable',
    token: vault,
    lines: job(
      "idTokens: { T: { aud: 'https://vault.example' } }, gitlabSecrets: { T2: { vault: { engine: { name: 'generic', path: 'ops/data' }, path: 'release/packagecloud', field: 'token' }, token: '$T' } }",
    ),
  },
  {
    id: 'vault-dots',
    expect: 'exit 3, secrets/reachable',
    token: vault,
    lines: job(
      "idTokens: { T: { aud: 'https://vault.example' } }, gitlabSecrets: { T2: { vault: 'release/x/../packagecloud/token@ops', token: '$T' } }",
    ),
  },
  {
    id: 'vault-unknown-engine',
    expect: 'exit 3, secrets/reachable',
    token: vault,
    lines: job(
      "idTokens: { T: { aud: 'https://vault.example' } }, gitlabSecrets: { T2: { vault: 'release/packagecloud/token@$ENGINE', token: '$T' } }",
    ),
  },
  {
    id: 'vault-another-field',
    expect: safe,
    token: vault,
    lines: job(
      "idTokens: { T: { aud: 'https://vault.example' } }, gitlabSecrets: { T2: { vault: 'release/packagecloud/user@ops', token: '$T' } }",
    ),
  },
  { id: 'aud-of-gitlab', expect: safe, token: vault, lines: job("idTokens: { T: { aud: '$CI_SERVER_URL' } }") },
  { id: 'aud-unknown', expect: 'exit 3, secrets/reachable', token: vault, lines: job("idTokens: { T: { aud: '$CLOUD_AUD' } }") },
  {
    id: 'aud-in-a-list',
    expect: 'exit 3, secrets/reachable',
    token: vault,
    lines: job("idTokens: { T: { aud: ['https://a.example', 'https://vault.example/publish'] } }"),
  },
  // Places.
  {
    id: 'place-hub',
    expect: 'exit 3, gate/same-place',
    lines: staged(`registry('index.docker.io/acme', ${account('A')})`, `registry('docker.io/acme', ${account('B')})`),
  },
  {
    id: 'place-layout',
    expect: 'exit 3, gate/same-place',
    lines: staged("ociLayout('/srv/www/public/images')", "directory('/srv/www/public')"),
  },
  { id: 'place-above', expect: 'exit 3, gate/same-place', lines: staged("directory('/srv/www')", "directory('/srv/www/public')") },
  {
    id: 'place-scheme',
    expect: 'gate/same-place, at least as a warning',
    lines: staged(
      "packagecloud('acme/x', { url: 'http://pc.example', token: Secret.variable('A') })",
      "packagecloud('acme/x', { url: 'https://pc.example', token: Secret.variable('B') })",
    ),
  },
  {
    id: 'place-case',
    expect: 'gate/same-place, at least as a warning',
    lines: staged(
      "packagecloud('Acme/Stable', { token: Secret.variable('A') })",
      "packagecloud('acme/stable', { token: Secret.variable('B') })",
    ),
  },
  {
    id: 'place-number',
    expect: 'gate/same-place, at least as a warning',
    lines: staged(
      `registry('reg.example/acme', { url: 'https://10.0.0.1', ...${account('A')} })`,
      `registry('reg.example/acme', ${account('B')})`,
    ),
  },
  {
    id: 'place-port',
    expect: 'gate/same-place, at least as a warning',
    lines: staged(`registry('reg.example:443/acme', ${account('A')})`, `registry('reg.example/acme', ${account('B')})`),
  },
  { id: 'places-that-differ', expect: safe, lines: staged("directory('/srv/staging')", "directory('/srv/public')") },
  {
    id: 'places-of-one-server',
    expect: safe,
    lines: staged(`registry('reg.example/staging', ${account('A')})`, `registry('reg.example/public', ${account('B')})`),
  },
  {
    id: 'own-registry-below',
    expect: 'exit 3, secrets/everywhere',
    app: "project: { path: 'acme/acme' }",
    lines: `new PublicRepo(app, 'images', { at: registry('registry.gitlab.com/Acme/acme/app'.toLowerCase(), ${account('B')}) })`,
  },
  {
    id: 'own-registry-of-another-gitlab',
    expect: 'exit 3, secrets/everywhere',
    app: "project: { url: 'https://gitlab.acme.example', path: 'acme/acme' }",
    lines: `new PublicRepo(app, 'images', { at: registry('gitlab.acme.example:5050/acme/acme', ${account('B')}) })`,
  },
  {
    id: 'registry-of-another-project',
    expect: safe,
    app: "project: { path: 'acme/acme' }",
    lines: `new PublicRepo(app, 'images', { at: registry('registry.gitlab.com/acme/public', ${account('B')}) })`,
  },
  {
    id: 'own-registry-perhaps',
    expect: 'secrets/own-registry as a warning',
    lines: `new PublicRepo(app, 'images', { at: registry('registry.gitlab.com/acme/acme', ${account('B')}) })`,
  },
  // Kinds.
  ...[
    "Condition.variable('RELEASE').isSet()",
    'Condition.schedule()',
    'Condition.tag(/^v(?<version>\\d+)$/).or(Condition.variable("FORCE").isSet())',
    "Condition.variable('CI_COMMIT_REF_NAME').matches(/./)",
  ].map((when, index) => ({
    id: `kind-${index}`,
    expect: 'exit 3: a kind that publishes names no tag or branch',
    when,
  })),
  { id: 'kind-schedule-of-main', expect: safe, when: "Condition.schedule().and(Condition.branch('main'))" },
  { id: 'kind-of-the-default-branch', expect: safe, when: "Condition.branch('main').or(Condition.tag(/^v/))" },
  // Ways to the public that nobody declared.
  ...[
    "new Job(app, 'x', { on: tagged, script: ['true'], release: { tagName: '$CI_COMMIT_TAG', description: 'x', assets: { links: [{ name: 'x', url: 'https://x.example/y' }] } } })",
    "new Job(app, 'x', { on: tagged, script: ['npm publish'], idTokens: { NPM_ID_TOKEN: { aud: 'npm:registry.npmjs.org' } } })",
    "new Job(app, 'x', { on: tagged, script: ['curl -X POST -F token=$T $CI_API_V4_URL/projects/1/trigger/pipeline'] })",
    "new Job(app, 'x', { on: tagged, script: ['curl -X POST -H \"PRIVATE-TOKEN: $BOT\" $CI_API_V4_URL/projects/1/jobs/$ID/play'] })",
    "new Job(app, 'x', { on: tagged, script: ['twine upload dist/*'] })",
    "new PublicRepo(app, 'www', { at: directory('/srv/public') })\nnew Job(app, 'x', { on: tagged, script: ['cp dist/*.rpm /srv/public/'] })",
    "new Job(app, 'x', { on: tagged, script: ['skopeo copy oci:img docker://docker.io/acme/x'] })",
    "new Job(app, 'x', { on: tagged, script: ['true'], pages: { publish: 'public' } })",
  ].map((lines, index) => ({ id: `undeclared-${index}`, expect: undeclared, lines })),
  {
    id: 'undeclared-accepted',
    expect: safe,
    lines: "new Job(app, 'x', { on: tagged, script: ['npm publish'] })\napp.accept('gate/undeclared', 'a private registry', { job: 'x' })",
  },
  // Uses and mentions of a credential.
  ...[
    'X=PUBLIC_TOKEN; push "${!X}"',
    'docker run -e PUBLIC_TOKEN x',
    'push $(printenv PUBLIC_TOKEN)',
    'env | grep PUBLIC_TOKEN | push',
    'jq -n env.PUBLIC_TOKEN | push',
    'push $env:PUBLIC_TOKEN',
    'node -e \'process.env[`PUBLIC_TOKEN`]; os.environ["PUBLIC_TOKEN"]\'',
    'twine --password-from "PUBLIC_TOKEN"',
  ].map((line, index) => ({
    id: `use-${index}`,
    expect: 'exit 3, gate/open or secrets/reachable',
    lines: `new Job(app, 'x', { on: branch, script: [${JSON.stringify(line)}] })`,
  })),
  ...[
    'echo "PUBLIC_TOKEN is missing"',
    'cat docs/PUBLIC_TOKEN.md',
    '# never print PUBLIC_TOKEN',
    'echo see the settings of PUBLIC_TOKEN',
  ].map((line, index) => ({
    id: `mention-${index}`,
    expect: safe,
    lines: `new Job(app, 'x', { on: branch, script: [${JSON.stringify(line)}] })`,
  })),
  // More generations, and files in files.
  {
    id: 'grandchild',
    expect: 'exit 3, secrets/in-child',
    lines: "new Job(app, 'c', { on: branch, trigger: { include: 'a.yml', strategy: 'depend' } })",
    files: {
      'a.yml': 'variables: {W: public}\nd: {trigger: {include: [{local: b.yml}]}}\n',
      'b.yml': 'e: {script: [x], environment: $W/x}\n',
    },
  },
  {
    id: 'child-input-of-an-input',
    expect: 'exit 3, secrets/in-child',
    yaml: `spec: {inputs: {w: {default: review}}}\n---\n${file}c: {stage: build, trigger: {include: [{local: a.yml, inputs: {w: '$[[ inputs.w ]]'}}]}}\n`,
    files: { 'a.yml': 'spec: {inputs: {w: {}}}\n---\ne: {script: [x], environment: "$[[ inputs.w ]]/x"}\n' },
  },
  {
    id: 'files-in-files-with-rules',
    expect: 'exit 3, gate/open or secrets/reachable',
    yaml: `include: [a.yml]\n${file}`,
    files: { 'a.yml': 'include: [{local: b.yml, rules: [{if: $X}]}]\n', 'b.yml': 'up: {stage: build, script: [push $PUBLIC_TOKEN]}\n' },
  },
  {
    id: 'input-that-a-file-refuses',
    expect: 'not 0 (or gate/include)',
    yaml: `spec: {inputs: {w: {default: review}}}\n---\ninclude: [{local: a.yml, inputs: {w: '$[[ inputs.w ]]'}}]\n${file}`,
    files: {
      'a.yml': 'spec: {inputs: {w: {options: [review, demo]}}}\n---\ne: {stage: build, script: [x], environment: "$[[ inputs.w ]]/x"}\n',
    },
  },
  { id: 'needs-of-a-rule', expect: open, yaml: file.replace('allow_failure: false', 'allow_failure: false\n      needs: []') },
  { id: 'delayed', expect: open, yaml: file.replace('when: manual', 'when: delayed\n      start_in: 5 minutes') },
  {
    id: 'gate-with-exit-codes',
    expect: open,
    yaml: file.replace('script: [./deploy]', 'script: [./deploy]\n  allow_failure: {exit_codes: 3}'),
  },
  // Pipelines without a way around.
  {
    id: 'condition-on-the-token',
    expect: safe,
    yaml: `${file}lint:\n  stage: build\n  script: [lint]\n  rules: [{if: $PUBLIC_TOKEN == null}]\n`,
  },
  {
    id: 'only-variables',
    expect: safe,
    yaml: `${deploy}publish:\n  stage: publish\n  needs: [deploy]\n  script: [./publish]\n  when: manual\n  allow_failure: false\n  only: {refs: [tags], variables: ['$CI_COMMIT_REF_PROTECTED == "true"']}\n`,
  },
  {
    id: 'merge-requests-have-no-tag',
    expect: safe,
    yaml: `workflow: {rules: [{if: '$CI_COMMIT_TAG && $CI_COMMIT_REF_PROTECTED == "true"'}, {if: $CI_MERGE_REQUEST_IID}]}\n${file.replace(' && $CI_COMMIT_REF_PROTECTED == "true"', '')}`,
  },
]
