import {
  absent,
  change,
  lost,
  needs,
  ops,
  production,
  publish,
  publishes,
  ruleOf,
  type Seed,
  seal,
  set,
  setRule,
  staging,
  withRemote,
} from './seed.js'

const artifacts = false
const from = (job: string) => ({ job, artifacts })
const protectedTag = '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/'
const kind = '$STAGEGATE_KIND == "release"'

/** What lets a job publish before its gate. */
export const gateSeeds: readonly Seed[] = [
  {
    mistake: 'a patch that drops when: manual',
    make: change(publish, (body) => {
      body['rules'] = [{ if: ruleOf(body)['if'] ?? '' }]
    }),
    found: [`gate/open release ${publish} automatic`],
  },
  {
    mistake: 'delayed in place of manual',
    make: setRule(publish, { when: 'delayed', start_in: '1 day' }),
    found: [`gate/open release ${publish} automatic`],
  },
  {
    mistake: 'when: always in place of manual',
    make: setRule(publish, { when: 'always' }),
    found: [`gate/open release ${publish} automatic`, `gate/open release ${publish} > ${seal} accepts-failure`],
  },
  {
    mistake: 'when: on_failure in place of manual',
    make: setRule(publish, { when: 'on_failure' }),
    found: [`gate/open release ${publish} automatic`, `gate/open release ${publish} > ${production} accepts-failure`],
  },
  {
    mistake: 'a manual job that does not block',
    make: setRule(publish, { allow_failure: true }),
    found: [`gate/open release ${publish} not-blocking`, 'manual/optional-need acme/el/9/verify'],
  },
  {
    mistake: 'a second rule that starts it by itself on a schedule of the tag',
    make: change(publish, (body) => {
      body['rules'] = [{ if: '$CI_PIPELINE_SOURCE == "schedule"' }, ruleOf(body)]
    }),
    found: [
      `gate/open release ${publish} automatic`,
      `gate/open refused ${publish} unprotected`,
      'kinds/producer-absent acme/el/9/publish',
    ],
  },
  {
    mistake: 'an override of needs that forgets production',
    make: ({ targets: [, , last] }) => last?.jobs.publish.addOverride('needs', ['prepare', seal, from(staging)], 'seeded'),
    found: [`gate/open release ${publish} > ${production} not-needed`],
  },
  {
    mistake: 'nothing in needs that forget the seal, which the deployments wait for',
    make: needs(publish, 'prepare', from(staging), from(production)),
    found: [],
  },
  { mistake: 'needs of prepare alone', make: needs(publish, 'prepare'), found: [`gate/open release ${publish} > ${seal} not-needed`] },
  { mistake: 'needs: [] on publish', make: needs(publish), found: [`gate/open release ${publish} > ${seal} not-needed`] },
  {
    mistake: 'the order of stages in place of needs',
    make: change(publish, (body) => {
      delete body['needs']
    }),
    found: [`gate/open release ${publish} > ${seal} stage-order`, 'isolation/artifacts acme/el/9/publish'],
  },
  {
    mistake: 'nothing in a deployment in the order of stages, which the publish jobs need',
    make: change(production, (body) => {
      delete body['needs']
    }),
    found: [],
  },
  {
    mistake: 'an optional need of a deployment',
    make: needs(publish, 'prepare', seal, from(staging), { job: production, artifacts, optional: true }),
    found: [`gate/open release ${publish} > ${production} optional-need`],
  },
  {
    mistake: 'an optional seal',
    make: (base) => {
      needs(publish, 'prepare', { job: seal, optional: true }, from(staging), from(production))(base)
      needs(staging, { job: seal, optional: true })(base)
      needs(production, { job: seal, optional: true }, from(staging))(base)
    },
    found: [...publishes.slice(2)].map((job) => `gate/open release ${job} > ${seal} optional-need`),
  },
  {
    mistake: 'allow_failure: true on a deployment',
    make: set(production, { allow_failure: true }),
    found: publishes.map((job) => `gate/open release ${job} > ${production} may-fail`),
  },
  {
    mistake: 'allow_failure with exit codes on a deployment',
    make: set(production, { allow_failure: { exit_codes: [1] } }),
    found: publishes.map((job) => `gate/open release ${job} > ${production} may-fail`),
  },
  {
    mistake: 'allow_failure: true in the rule of a deployment',
    make: setRule(production, { allow_failure: true }),
    found: publishes.map((job) => `gate/open release ${job} > ${production} may-fail`),
  },
  {
    mistake: 'allow_failure: true on the seal',
    make: set(seal, { allow_failure: true }),
    found: publishes.map((job) => `gate/open release ${job} > ${seal} may-fail`),
  },
  {
    mistake: 'a deployment with when: always, which nothing else waits for',
    make: (base) => {
      setRule(production, { when: 'always' })(base)
      needs(production, from(staging))(base)
      for (const job of publishes) needs(job, 'prepare', from(production))(base)
    },
    found: publishes.map((job) => `gate/open release ${job} > ${production} > ${staging} > ${seal} accepts-failure`),
  },
  {
    mistake: 'a bridge without a strategy',
    make: set(production, { trigger: { project: 'acme/deployer' } }),
    found: publishes.map((job) => `gate/open release ${job} > ${production} no-strategy`),
  },
  {
    mistake: 'a bridge written as a word',
    make: set(staging, { trigger: 'acme/deployer' }),
    found: publishes.map((job) => `gate/open release ${job} > ${staging} no-strategy`),
  },
  {
    mistake: 'a deployment that is deleted',
    make: ({ app }) =>
      app.patch('seeded', ({ jobs }) => {
        delete jobs[production]
        for (const job of publishes) Object.assign(jobs[job] ?? {}, { needs: ['prepare', seal, from(staging)] })
      }),
    found: publishes.map((job) => `gate/open release ${job} > ${production} absent`),
  },
  {
    mistake: 'a rule that lets a branch in',
    make: (base) => {
      base.app.patch('seeded', (document) => {
        document.workflow['rules'] = [
          document.workflow['rules'] ?? [],
          { if: '$CI_COMMIT_BRANCH', variables: { STAGEGATE_KIND: 'branch' } },
        ].flat()
      })
      change(publish, (body) => {
        body['rules'] = [ruleOf(body), { if: '$CI_COMMIT_BRANCH', when: 'manual', allow_failure: false }]
      })(base)
    },
    found: [`gate/open branch ${publish} unprotected`, 'kinds/producer-absent acme/el/9/publish'],
  },
  {
    mistake: 'a condition without the protected ref',
    make: setRule(publish, { if: protectedTag }),
    found: [`gate/open refused ${publish} unprotected`, 'kinds/producer-absent acme/el/9/publish'],
  },
  {
    mistake: 'a protected ref that is only asked to be set',
    make: setRule(publish, { if: `${protectedTag} && $CI_COMMIT_REF_PROTECTED` }),
    found: [`gate/open refused ${publish} unprotected`, 'kinds/producer-absent acme/el/9/publish'],
  },
  {
    mistake: 'a comparison that is turned round',
    make: setRule(publish, { if: `${protectedTag} && $CI_COMMIT_REF_PROTECTED != "true"` }),
    found: [
      `gate/open refused ${publish} unprotected`,
      'kinds/producer-absent acme/el/9/publish',
      'kinds/producer-absent acme/el/9/verify',
    ],
  },
  {
    mistake: 'a rule on the kind variable, which the job does not inherit',
    make: setRule(publish, { if: kind }),
    found: ['kinds/unreachable acme/el/9/publish', 'kinds/producer-absent acme/el/9/verify'],
  },
  {
    mistake: 'a workflow that calls unprotected tags a release: no job publishes then, and GitLab refuses the pipeline',
    make: ({ app }) =>
      app.patch('seeded', ({ workflow }) => {
        workflow['rules'] = [
          { if: protectedTag, variables: { STAGEGATE_KIND: 'release' }, auto_cancel: { on_new_commit: 'none', on_job_failure: 'none' } },
        ]
      }),
    found: ['seal', 'el/9/verify', 'ubuntu/jammy/verify', 'debian/bookworm/verify'].map((job) => `kinds/producer-absent acme/${job}`),
  },
  {
    mistake: 'a workflow that swaps the kinds',
    make: ({ app }) =>
      app.patch('seeded', ({ workflow }) => {
        if (Array.isArray(workflow['rules'])) workflow['rules'].reverse()
      }),
    found: ['kinds/hidden release', ...lost('refused')],
  },
  {
    mistake: 'a root variable that says that every ref is protected',
    make: ({ app }) => app.patch('seeded', ({ variables }) => Object.assign(variables, { CI_COMMIT_REF_PROTECTED: 'true' })),
    // The jobs that publish inherit no variable, so nothing opens; but which pipelines are of the kind is not GitLab's any more.
    found: ['kinds/redefined release', ...publishes.map((job) => `gate/open refused ${job} foreign-kind`), ...absent],
  },
  {
    mistake: 'a job variable that says that the ref is protected',
    make: set(publish, { variables: { GIT_STRATEGY: 'empty', CI_COMMIT_REF_PROTECTED: 'true' } }),
    found: [`gate/open release ${publish} redefined`, 'kinds/producer-absent acme/el/9/publish'],
  },
  { mistake: 'nothing in a deployment on another GitLab', make: withRemote(), found: [] },
  {
    mistake: 'a deployment on another GitLab that may fail',
    make: withRemote(set(ops, { allow_failure: true })),
    found: publishes.map((job) => `gate/open release ${job} > ${ops} may-fail`),
  },
  {
    mistake: 'a deployment on another GitLab that may end with the code for “a person must investigate”',
    make: withRemote(set(ops, { allow_failure: { exit_codes: 3 } })),
    found: publishes.map((job) => `gate/open release ${job} > ${ops} may-fail`),
  },
]
