import { Condition, Job, PipelineKind } from '../../index.js'
import {
  change,
  handWritten,
  lost,
  needs,
  patch,
  production,
  publish,
  publishes,
  type Seed,
  seal,
  set,
  setRule,
  stage,
  staging,
  workflowRules,
} from './seed.js'

const records = { paths: ['.stagegate/records/'] }

/** What expires or is left out before the hold ends; clicks that nobody expects; kinds and names that cannot be. */
export const otherSeeds: readonly Seed[] = [
  {
    mistake: 'records that are kept for a day',
    make: set(stage, { artifacts: { ...records, expire_in: '1 day' } }),
    found: ['hold/expires acme/el/9/stage'],
  },
  {
    mistake: 'records that are kept for the instance’s time',
    make: set(stage, { artifacts: records }),
    found: ['hold/expires acme/el/9/stage'],
  },
  {
    mistake: 'a command that is kept for two weeks',
    make: change('prepare', (body) => Object.assign(body['artifacts'] ?? {}, { expire_in: '2 weeks' })),
    found: ['hold/expires prepare'],
  },
  {
    mistake: 'a manifest that is kept for an hour',
    make: change(seal, (body) => Object.assign(body['artifacts'] ?? {}, { expire_in: '1 hour' })),
    found: ['hold/expires acme/seal'],
  },
  {
    mistake: 'receipts that expire',
    make: change(publish, (body) => Object.assign(body['artifacts'] ?? {}, { expire_in: '7 days' })),
    found: ['hold/expires acme/el/9/publish'],
  },
  {
    mistake: 'nothing in records that are kept for 3 weeks in other words',
    make: set(stage, { artifacts: { ...records, expire_in: 'three weeks and 1 hr' } }),
    found: [],
  },
  {
    mistake: 'a seal without artifacts',
    make: change(seal, (body) => {
      delete body['artifacts']
    }),
    found: ['hold/not-kept acme/seal'],
  },
  {
    mistake: 'a target left out of the seal',
    make: needs(seal, 'prepare', 'stage: [ubuntu/jammy]', 'stage: [debian/bookworm]'),
    found: ['hold/left-out acme/el/9/stage'],
  },
  {
    mistake: 'a target that the seal needs optionally',
    make: needs(seal, 'prepare', 'stage: [ubuntu/jammy]', 'stage: [debian/bookworm]', { job: stage, optional: true }),
    found: ['hold/left-out acme/el/9/stage'],
  },
  { mistake: 'a stage job that may fail', make: set(stage, { allow_failure: true }), found: ['hold/left-out acme/el/9/stage'] },
  {
    mistake: 'a seal with when: always',
    make: setRule(seal, { when: 'always' }),
    found: ['ubuntu/jammy', 'debian/bookworm', 'el/9'].map((target) => `hold/left-out acme/${target}/stage`),
  },
  {
    mistake: 'a deployment that is manual too: two clicks',
    make: (base) => {
      change(production, (body) => {
        delete body['trigger']
        Object.assign(body, { script: ['./deploy'] })
      })(base)
      setRule(production, { when: 'manual', allow_failure: false })(base)
    },
    found: ['ubuntu/jammy', 'debian/bookworm', 'el/9'].map((target) => `manual/two-clicks acme/${target}/publish`),
  },
  {
    mistake: 'a manual bridge',
    make: setRule(production, { when: 'manual', allow_failure: false }),
    found: [
      'manual/trigger acme/production/deploy',
      ...['ubuntu/jammy', 'debian/bookworm', 'el/9'].map((target) => `manual/two-clicks acme/${target}/publish`),
    ],
  },
  {
    mistake: 'a manual deployment that does not block',
    make: (base) => {
      change(production, (body) => {
        delete body['trigger']
        Object.assign(body, { script: ['./deploy'] })
      })(base)
      setRule(production, { when: 'manual', allow_failure: true })(base)
    },
    found: [
      ...publishes.map((job) => `gate/open release ${job} > ${production} may-fail`),
      ...['ubuntu/jammy', 'debian/bookworm', 'el/9'].flatMap((target) => [
        `manual/two-clicks acme/${target}/publish`,
        `manual/optional-need acme/${target}/publish`,
      ]),
    ],
  },
  {
    mistake: 'when: manual at the job, allow_failure unsaid',
    make: set('build: [el/9]', { when: 'manual' }),
    found: ['manual/unsaid acme/el/9/build', 'manual/optional-need acme/el/9/stage'],
  },
  {
    mistake: 'when: manual in a rule, allow_failure unsaid',
    make: setRule('build: [el/9]', { when: 'manual' }),
    found: ['manual/unsaid acme/el/9/build'],
  },
  {
    mistake: 'a job that gathers an optional manual one',
    make: ({ app, tagged, targets: [first] }) => {
      const ask = new Job(app, 'ask', { on: tagged, manual: 'optional', script: ['./ask'] })
      new Job(app, 'gather', { on: tagged, needs: first === undefined ? [ask] : [ask, first.jobs.build], script: ['./go'] })
    },
    found: ['manual/optional-need gather'],
  },
  {
    mistake: 'nothing in a job after one optional click',
    make: ({ app, tagged }) => {
      const ask = new Job(app, 'ask', { on: tagged, manual: 'optional', script: ['./ask'] })
      new Job(app, 'then', { on: tagged, needs: [ask], script: ['./go'] })
    },
    found: [],
  },
  {
    mistake: 'a kind that an earlier one hides',
    make: ({ app }) => {
      new PipelineKind(app, 'again', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
    },
    found: ['kinds/hidden again'],
  },
  {
    mistake: 'a kind whose condition nothing meets',
    make: ({ app }) => {
      new PipelineKind(app, 'both', { when: Condition.tag().and(Condition.branch('main')) })
    },
    found: ['kinds/hidden both'],
  },
  {
    mistake: 'a producer that a patch takes out of the kind',
    make: patch(({ jobs }) => Object.assign(jobs['build: [el/9]'] ?? {}, { rules: [{ if: '$STAGEGATE_KIND == "other"' }] })),
    found: ['kinds/producer-absent acme/el/9/stage', 'kinds/unreachable acme/el/9/build'],
  },
  {
    mistake: 'rules in the wrong order',
    make: set(seal, { rules: [{ if: '$STAGEGATE_KIND', when: 'never' }, { if: '$STAGEGATE_KIND == "release"' }] }),
    found: [
      ...publishes.map((job) => `gate/open release ${job} > ${seal} absent`),
      ...['ubuntu/jammy', 'debian/bookworm', 'el/9'].flatMap((target) => [
        `kinds/producer-absent acme/${target}/publish`,
        `kinds/producer-absent acme/${target}/verify`,
      ]),
      'kinds/producer-absent acme/staging/deploy',
      'kinds/producer-absent acme/production/deploy',
      'kinds/unreachable acme/seal',
    ],
  },
  {
    mistake: 'a resource group with brackets',
    make: set(publish, { resource_group: 'publish: [el/9]' }),
    found: ['structure/resource-group acme/el/9/publish'],
  },
  {
    mistake: 'a resource group that a variable makes invalid',
    make: handWritten({ resourceGroup: '$LOCK', variables: { LOCK: 'a+b' } }),
    found: ['structure/resource-group by hand'],
  },
  {
    mistake: 'an environment that a variable makes invalid',
    make: handWritten({ environment: 'review/$NAME', variables: { NAME: 'a+b' } }),
    found: ['structure/environment-name by hand'],
  },
  {
    mistake: 'a tier that does not exist',
    make: set(publish, { environment: { name: 'public/stable', action: 'prepare', deployment_tier: 'prod' } }),
    found: ['structure/deployment-tier acme/el/9/publish'],
  },
  {
    mistake: 'a rule of the workflow in front of all others',
    make: patch((document) => workflowRules(document).unshift({ if: '$CI_COMMIT_TAG', variables: { STAGEGATE_KIND: 'tag' } })),
    found: ['kinds/hidden release', ...lost('tag')],
  },
  { mistake: 'nothing in a deployment that waits for nothing else', make: needs(staging, seal), found: [] },
]
