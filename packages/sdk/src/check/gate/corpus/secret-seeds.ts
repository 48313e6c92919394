import { Condition, Job, PipelineKind, PublicRepo, packagecloud, Secret } from '../../../index.js'
import {
  change,
  handWritten,
  lost,
  onBranch,
  patch,
  production,
  publicToken,
  publish,
  ruleOf,
  type Seed,
  seal,
  set,
  workflowRules,
} from './seed.js'

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
]
