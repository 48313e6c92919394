import {
  Condition,
  Deployment,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  registry,
  Secret,
  StagingRepo,
} from '../../index.js'
import {
  change,
  handWritten,
  lost,
  onBranch,
  ops,
  patch,
  production,
  publicToken,
  publish,
  publishAudience,
  ruleOf,
  type Seed,
  seal,
  set,
  staging,
  withRemote,
  withVault,
  workflowRules,
} from './seed.js'

const builds = ['ubuntu/jammy', 'debian/bookworm', 'el/9'].map((target) => [`acme/${target}/build`, `build: [${target}]`] as const)
const open = (kind: string, reason: string, job = 'by hand') => `gate/open ${kind} ${job} ${reason}`

/** How the credential of a public repository gets where it should not. */
export const secretSeeds: readonly Seed[] = [
  {
    mistake: 'a job by hand that declares the public token',
    make: handWritten({ secrets: [publicToken] }),
    found: ['secrets/reachable by hand', open('release', 'automatic'), open('release', 'not-needed', `by hand > ${seal}`)],
  },
  {
    mistake: 'a job by hand that uses the public token',
    make: handWritten({ script: ['upload --token-from PUBLIC_TOKEN'] }),
    found: ['secrets/reachable by hand', open('release', 'automatic'), open('release', 'not-needed', `by hand > ${seal}`)],
  },
  {
    mistake: 'a job by hand that renames the public token',
    make: handWritten({ variables: { TOKEN: '$PUBLIC_TOKEN' } }),
    found: ['secrets/reachable by hand', open('release', 'automatic'), open('release', 'not-needed', `by hand > ${seal}`)],
  },
  {
    mistake: 'a job by hand with the token and a click, but no gate',
    make: handWritten({ secrets: [publicToken], manual: 'blocking' }),
    found: ['secrets/reachable by hand', open('release', 'not-needed', `by hand > ${seal}`)],
  },
  {
    mistake: 'a job by hand with the token behind the whole gate',
    make: ({ app, tagged, release, preprod, production: last }) => {
      new Job(app, 'by hand', {
        on: tagged,
        stage: 'publish',
        script: ['./go'],
        secrets: [publicToken],
        manual: 'blocking',
        needs: [release.jobs.seal, preprod.job, last.job],
      })
    },
    found: ['secrets/reachable by hand'],
  },
  {
    mistake: 'a branch job that merely names the public environment',
    make: onBranch({ environment: { name: 'public/stable', action: 'access' } }),
    found: ['secrets/reachable by hand', open('branch', 'unprotected')],
  },
  {
    mistake: 'a branch job whose variables make up the public environment',
    make: onBranch({ environment: 'public/$WHERE', variables: { WHERE: 'stable' } }),
    found: ['secrets/reachable by hand', open('branch', 'unprotected')],
  },
  {
    mistake: 'a branch job whose environment is a variable of its own',
    make: onBranch({ environment: '${WHERE}', variables: { WHERE: 'public/stable' } }),
    found: ['secrets/reachable by hand', open('branch', 'unprotected')],
  },
  {
    mistake: 'a branch job with the public token',
    make: onBranch({ secrets: [publicToken] }),
    found: ['secrets/reachable by hand', open('branch', 'unprotected')],
  },
  {
    mistake: 'a job of merge requests with the public token',
    make: ({ app }) => {
      const review = new PipelineKind(app, 'review', { when: Condition.mergeRequest() })
      new Job(app, 'by hand', { on: review, script: ['./go'], secrets: [publicToken] })
    },
    found: ['secrets/reachable by hand', open('review', 'unprotected')],
  },
  {
    mistake: 'a protected branch that no route publishes',
    make: ({ app }) => {
      const main = new PipelineKind(app, 'main', {
        when: Condition.branch('main').and(Condition.variable('CI_COMMIT_REF_PROTECTED').equals('true')),
      })
      new Job(app, 'by hand', { on: main, script: ['./go'], manual: 'blocking', secrets: [publicToken] })
    },
    found: ['secrets/reachable by hand', open('main', 'foreign-kind')],
  },
  {
    mistake: 'a verify job in the public environment',
    make: set('verify: [el/9]', { environment: 'public/stable' }),
    found: ['secrets/reachable acme/el/9/verify'],
  },
  {
    mistake: 'a deployment in the public environment',
    make: set(production, { environment: { name: 'public/stable' } }),
    found: ['secrets/reachable acme/production/deploy', open('release', 'automatic', production)],
  },
  {
    mistake: 'one token for staging and public',
    make: ({ app }) => {
      new PublicRepo(app, 'other', { at: packagecloud('acme/other', { token: Secret.variable('STAGING_TOKEN') }) })
    },
    found: ['ubuntu/jammy', 'debian/bookworm', 'el/9'].flatMap((target) => [
      `secrets/reachable acme/${target}/stage`,
      open('release', 'automatic', `stage: [${target}]`),
      open('release', 'not-needed', `stage: [${target}] > ${seal}`),
    ]),
  },
  {
    mistake: 'a root variable of the token’s name',
    make: patch(({ variables }) => Object.assign(variables, { PUBLIC_TOKEN: 'x' })),
    found: ['secrets/defined '],
  },
  {
    mistake: 'a variable of the token’s name in the workflow',
    make: patch((document) =>
      Object.assign(workflowRules(document)[0] ?? {}, { variables: { STAGEGATE_KIND: 'release', PUBLIC_TOKEN: 'x' } }),
    ),
    found: ['secrets/defined '],
  },
  {
    mistake: 'the token as a variable of the job',
    make: change(publish, (body) => Object.assign(body['variables'] ?? {}, { PUBLIC_TOKEN: 'x' })),
    found: ['secrets/defined acme/el/9/publish'],
  },
  {
    mistake: 'the token as a variable of a rule',
    make: change(publish, (body) => Object.assign(ruleOf(body), { variables: { PUBLIC_TOKEN: 'x' } })),
    found: ['secrets/defined acme/el/9/publish'],
  },
  {
    mistake: 'a secret as an argument of curl',
    make: handWritten({ secrets: [Secret.variable('HOOK')], script: ['curl -u "$HOOK:" https://x.example'] }),
    found: ['secrets/command-line by hand'],
  },
  {
    mistake: 'a secret as an argument after a pipe',
    make: handWritten({
      secrets: [Secret.variable('HOOK')],
      script: ['set -e; cat body | curl -H "Authorization: ${HOOK}" -d @- https://x.example'],
    }),
    found: ['secrets/command-line by hand'],
  },
  {
    mistake: 'nothing in the path of a file as an argument',
    make: handWritten({ secrets: [Secret.file('KEY_PATH')], script: ['gpg --import "$KEY_PATH"'] }),
    found: [],
  },
  {
    mistake: 'nothing in secrets that go by input, variable or single quotes',
    make: handWritten({
      secrets: [Secret.variable('HOOK')],
      script: ['echo "$HOOK" | login --stdin', 'HEADER=$HOOK send', "send '$HOOK'", 'read-it <<< "$HOOK"'],
    }),
    found: [],
  },
  {
    mistake: 'a kind that a patch gives another name',
    make: patch((document) =>
      Object.assign(workflowRules(document)[0] ?? {}, {
        variables: { STAGEGATE_KIND: 'final' },
        auto_cancel: { on_new_commit: 'none', on_job_failure: 'none' },
      }),
    ),
    found: lost('final'),
  },
  {
    mistake: 'a job by hand that declares the trigger token of a deployment',
    make: withRemote(handWritten({ secrets: [Secret.variable('OPS_TRIGGER_TOKEN')] })),
    found: ['secrets/shared by hand'],
  },
  {
    mistake: 'a build that renames the reading token of a deployment',
    make: withRemote(set('build: [el/9]', { variables: { TOKEN: '$OPS_READ_TOKEN' } })),
    found: ['secrets/shared acme/el/9/build'],
  },
  {
    mistake: 'nothing in two deployments of one project',
    make: withRemote(({ release }) => {
      const [trigger, read] = [Secret.variable('OPS_TRIGGER_TOKEN'), Secret.variable('OPS_READ_TOKEN')]
      const remote = { url: 'https://ops.gitlab.example', project: 'acme/deployer', ref: 'main', trigger, read }
      new Deployment(release, 'ops again', { remote })
    }),
    found: [],
  },
  {
    mistake: 'the trigger token of a deployment in the YAML',
    make: withRemote(change(ops, (body) => Object.assign(body['variables'] ?? {}, { OPS_TRIGGER_TOKEN: 'x' }))),
    found: ['secrets/defined acme/ops/deploy'],
  },
  {
    mistake: 'a deployment that is given the public token',
    make: ({ release }) => {
      const remote = { url: 'https://ops.gitlab.example', project: 'acme/deployer', ref: 'main', trigger: publicToken }
      new Deployment(release, 'ops', { remote: { ...remote, read: Secret.variable('OPS_READ_TOKEN') } })
    },
    found: [
      'secrets/reachable acme/ops/deploy',
      open('release', 'automatic', ops),
      open('release', 'not-needed', `${ops} > ${staging}`),
      ...['ubuntu/jammy', 'debian/bookworm', 'el/9'].map((target) => `secrets/shared acme/${target}/publish`),
    ],
  },
  {
    mistake: 'a branch job in a matrix, one of whose environments is public',
    make: onBranch({ environment: '$WHERE/x', parallel: { matrix: [{ WHERE: ['review', 'public'] }] } }),
    found: ['secrets/reachable by hand', 'gate/open branch by hand: [public] unprotected'],
  },
  {
    mistake: 'nothing but a default in a matrix of other environments, and nothing at all in one of a slug',
    make: (base) => {
      handWritten({ environment: '$WHERE', parallel: { matrix: [{ WHERE: ['review', 'demo/public'] }] } })(base)
      handWritten({ environment: 'review/$CI_COMMIT_REF_NAME' }, 'review')(base)
      handWritten({ environment: '$CI_COMMIT_REF_SLUG' }, 'slug')(base)
    },
    found: ['secrets/environment-default by hand'],
  },
  {
    mistake: 'a branch job whose environment has the name of the branch',
    make: onBranch({ environment: '$CI_COMMIT_BRANCH' }),
    found: ['secrets/environment by hand'],
  },
  {
    mistake: 'a job whose environment somebody chooses who starts the pipeline',
    make: (base) => {
      patch((document) => {
        document.variables['WHERE'] = 'review'
        document.prefill = { WHERE: { description: 'Where to?' } }
      })(base)
      handWritten({ environment: '${WHERE}' })(base)
    },
    found: ['secrets/environment by hand'],
  },
  {
    mistake: 'a variable of the pipeline that makes up the public environment',
    make: (base) => {
      patch(({ variables }) => Object.assign(variables, { WHERE: 'public' }))(base)
      onBranch({ environment: '$WHERE/stable' })(base)
    },
    found: ['secrets/reachable by hand', open('branch', 'unprotected')],
  },
  {
    mistake: 'a variable of the pipeline that hands the token on',
    make: patch(({ variables }) => Object.assign(variables, { TOKEN: '$PUBLIC_TOKEN' })),
    found: ['secrets/renamed '],
  },
  {
    mistake: 'a variable of the workflow that hands the token on',
    make: patch((document) =>
      Object.assign(workflowRules(document)[0] ?? {}, { variables: { STAGEGATE_KIND: 'release', TOKEN: '${PUBLIC_TOKEN}' } }),
    ),
    found: ['secrets/renamed '],
  },
  {
    mistake: 'a pipeline whose name shows the token',
    make: patch(({ workflow }) => Object.assign(workflow, { name: 'Release with $PUBLIC_TOKEN' })),
    found: ['secrets/renamed '],
  },
  {
    mistake: 'a default before_script that uses the token in jobs which inherit it',
    make: patch((document) => Object.assign(document, { default: { before_script: ['login --token-from PUBLIC_TOKEN'] } })),
    found: builds.flatMap(([path, job]) => [
      `secrets/reachable ${path}`,
      open('release', 'automatic', job),
      open('release', 'not-needed', `${job} > ${seal}`),
    ]),
  },
  {
    mistake: 'a public repository that is written to with every job’s token',
    make: ({ app }) => {
      new PublicRepo(app, 'own', { at: registry('registry.gitlab.com/acme', { username: 'gitlab-ci-token', password: Secret.jobToken }) })
    },
    found: ['secrets/everywhere own'],
  },
  {
    mistake: 'a job by hand with an ID token for the publishers’ audience',
    make: withVault(handWritten({ idTokens: { TOKEN: { aud: ['https://vault.example', publishAudience] } } })),
    found: ['secrets/reachable by hand', open('release', 'automatic'), open('release', 'not-needed', `by hand > ${seal}`)],
  },
  {
    mistake: 'a branch job whose variables make up that audience',
    make: withVault(onBranch({ idTokens: { TOKEN: { aud: '$WHERE/publish' } }, variables: { WHERE: 'https://vault.example' } })),
    found: ['secrets/reachable by hand', open('branch', 'unprotected')],
  },
  {
    mistake: 'a branch job whose audience can come to be that one',
    make: withVault(onBranch({ idTokens: { TOKEN: { aud: 'https://${VAULT_HOST}/publish' } } })),
    found: ['secrets/reachable by hand', open('branch', 'unprotected')],
  },
  {
    mistake: 'a job by hand that declares the secret in Vault',
    make: withVault(handWritten({ secrets: [Secret.vault('release/token@ops', { as: 'TOKEN', aud: 'https://vault.example' })] })),
    found: ['secrets/reachable by hand', open('release', 'automatic'), open('release', 'not-needed', `by hand > ${seal}`)],
  },
  {
    mistake: 'a job by hand that fetches the same secret in GitLab’s long form',
    make: withVault(
      handWritten({
        idTokens: { TOKEN: { aud: 'x' } },
        gitlabSecrets: { SAME: { vault: { engine: { name: 'kv-v2', path: 'ops' }, path: 'release', field: 'token' } } },
      }),
    ),
    found: ['secrets/reachable by hand', open('release', 'automatic'), open('release', 'not-needed', `by hand > ${seal}`)],
  },
  {
    mistake: 'defaults with an ID token for the publishers’ audience',
    make: withVault(patch((document) => Object.assign(document, { default: { id_tokens: { TOKEN: { aud: publishAudience } } } }))),
    found: builds.flatMap(([path, job]) => [
      `secrets/reachable ${path}`,
      open('release', 'automatic', job),
      open('release', 'not-needed', `${job} > ${seal}`),
    ]),
  },
  {
    mistake: 'staging and public secrets of one audience',
    make: withVault(({ app, tagged, release, stable }) => {
      const staging = Secret.vault('staging/token@ops', { as: 'VAULT_STAGING_TOKEN', aud: publishAudience })
      const vaulted = new StagingRepo(app, 'staged', { at: packagecloud('acme/staged', { token: staging }) })
      new PackageTarget(release, 'el/10', {
        build: { script: ['make'] },
        packages: 'dist/*.rpm',
        routes: [{ on: tagged, staging: vaulted, public: stable }],
      })
    }),
    found: [
      'secrets/reachable acme/el/10/stage',
      open('release', 'automatic', 'stage: [el/10]'),
      open('release', 'not-needed', `stage: [el/10] > ${seal}`),
    ],
  },
  {
    mistake: 'nothing in ID tokens for others, and in secrets from elsewhere',
    make: withVault(
      handWritten({
        idTokens: { TOKEN: { aud: ['https://vault.example', 'https://cloud.example/$CI_PROJECT_ID'] } },
        gitlabSecrets: { OTHER: { vault: 'release/token', token: '$TOKEN' } },
      }),
    ),
    found: [],
  },
]
