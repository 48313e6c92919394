import {
  change,
  handWritten,
  needs,
  ops,
  patch,
  production,
  publish,
  type Seed,
  seal,
  set,
  stage,
  staging,
  withRemote,
  workflowRules,
} from './seed.js'

const at = (code: string, path = 'acme/el/9/publish') => `isolation/${code} ${path}`
const autoCancel = (value: Record<string, string> | undefined) =>
  patch((document) => {
    const rule = workflowRules(document)[0]
    if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return
    if (value === undefined) delete rule['auto_cancel']
    else rule['auto_cancel'] = value
  })
const artifacts = false

/** What lets something foreign into a job with a credential, or stops it half-way. */
export const isolationSeeds: readonly Seed[] = [
  {
    mistake: 'npm ci beside the token',
    make: set(publish, { script: ['npm ci', 'node publish.js'] }),
    found: [at('installs')],
  },
  {
    mistake: 'pip install beside the token',
    make: set(publish, { script: ['cd x && sudo -E python3 -m pip install twine'] }),
    found: [at('installs')],
  },
  {
    mistake: 'apt-get install in a stage job',
    make: set(stage, { script: ['apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get -y install curl'] }),
    found: [at('installs', 'acme/el/9/stage')],
  },
  { mistake: 'npx of something', make: set(publish, { script: ['npx release-it'] }), found: [at('installs')] },
  {
    mistake: 'a default before_script, with inherit patched away',
    make: (base) => {
      patch((document) => Object.assign(document, { default: { before_script: ['./setup'] } }))(base)
      change(publish, (body) => {
        delete body['inherit']
      })(base)
    },
    found: [at('inherits'), at('inherits')],
  },
  { mistake: 'inherit: variables: true', make: set(publish, { inherit: { default: false, variables: true } }), found: [at('inherits')] },
  {
    mistake: 'one keyword of the defaults',
    make: set(publish, { inherit: { default: ['cache'], variables: false } }),
    found: [at('inherits')],
  },
  { mistake: 'a before_script on publish', make: set(publish, { before_script: ['./setup'] }), found: [at('keyword')] },
  { mistake: 'a cache on publish', make: set(publish, { cache: { paths: ['node_modules/'] } }), found: [at('keyword')] },
  { mistake: 'services on publish', make: set(publish, { services: ['docker:dind'] }), found: [at('keyword')] },
  { mistake: 'hooks on publish', make: set(publish, { hooks: { pre_get_sources_script: ['./x'] } }), found: [at('keyword')] },
  { mistake: 'parallel on publish', make: set(publish, { parallel: 2 }), found: [at('keyword')] },
  { mistake: 'GIT_STRATEGY: fetch', make: set(publish, { variables: { GIT_STRATEGY: 'fetch' } }), found: [at('checkout')] },
  { mistake: 'a publish job without GIT_STRATEGY', make: set(publish, { variables: {} }), found: [at('checkout')] },
  {
    mistake: 'needs with artifacts of a build',
    make: needs(publish, 'prepare', seal, { job: staging, artifacts }, { job: production, artifacts }, 'build: [el/9]'),
    found: [at('artifacts')],
  },
  {
    mistake: 'a build that leaves something in .stagegate/',
    make: set('build: [el/9]', { artifacts: { paths: ['dist/*', '.stagegate/'], expire_in: '3 days' } }),
    found: [at('overlap', 'acme/el/9/build')],
  },
  {
    mistake: 'a build that leaves everything',
    make: set('build: [el/9]', { artifacts: { paths: ['./'], expire_in: '3 days' } }),
    found: [at('overlap', 'acme/el/9/build')],
  },
  {
    mistake: 'a deployment that overwrites the manifest',
    make: change(production, (body) => {
      delete body['trigger']
      Object.assign(body, { script: ['./deploy'], artifacts: { paths: ['.stagegate/release-manifest.json'] } })
    }),
    found: [at('overlap', 'acme/production/deploy')],
  },
  {
    mistake: 'nothing in a job that leaves something there and that nobody needs',
    make: handWritten({ artifacts: { paths: ['.stagegate/x'] } }),
    found: [],
  },
  { mistake: 'an interruptible publish job', make: set(publish, { interruptible: true }), found: [at('cancelled')] },
  { mistake: 'an interruptible seal', make: set(seal, { interruptible: true }), found: [at('cancelled', 'acme/seal')] },
  {
    mistake: 'defaults that make a deployment interruptible',
    make: (base) => {
      patch((document) => Object.assign(document, { default: { interruptible: true } }))(base)
      change(production, (body) => {
        delete body['interruptible']
      })(base)
    },
    found: [at('cancelled', 'acme/production/deploy')],
  },
  {
    mistake: 'on_job_failure: all',
    make: autoCancel({ on_new_commit: 'none', on_job_failure: 'all' }),
    found: [at('cancelled', 'release')],
  },
  { mistake: 'a release that a new commit cancels', make: autoCancel(undefined), found: [at('cancelled', 'release')] },
  { mistake: 'a publish job that is retried whatever went wrong', make: set(publish, { retry: 2 }), found: [at('retry')] },
  {
    mistake: 'a publish job that is retried after a time-out',
    make: set(publish, { retry: { max: 1, when: ['runner_system_failure', 'job_execution_timeout'] } }),
    found: [at('retry')],
  },
  {
    mistake: 'a deployment that is retried',
    make: change(production, (body) => {
      delete body['trigger']
      Object.assign(body, { script: ['./deploy'], retry: 1 })
    }),
    found: [at('retry', 'acme/production/deploy')],
  },
  {
    mistake: 'a deployment on another GitLab that is retried whatever went wrong',
    make: withRemote(set(ops, { retry: 2 })),
    found: [at('retry', 'acme/ops/deploy')],
  },
  {
    mistake: 'a deployment on another GitLab that installs its command',
    make: withRemote(set(ops, { script: ['npx stagegate deploy --deployment ops --wait'] })),
    found: [at('installs', 'acme/ops/deploy')],
  },
  {
    mistake: 'a deployment on another GitLab that inherits everything',
    make: withRemote(
      change(ops, (body) => {
        delete body['inherit']
      }),
    ),
    found: [at('inherits', 'acme/ops/deploy'), at('inherits', 'acme/ops/deploy')],
  },
  {
    mistake: 'an interruptible deployment on another GitLab',
    make: withRemote(set(ops, { interruptible: true })),
    found: [at('cancelled', 'acme/ops/deploy')],
  },
]
