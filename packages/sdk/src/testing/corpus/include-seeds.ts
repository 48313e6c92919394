import type { IncludeProps, TriggerInclude } from '../../index.js'
import { absent, type Base, handWritten, patch, publish, publishes, type Seed, seal, set, staging } from './seed.js'

const include = (...files: readonly IncludeProps[]) => patch((document) => Object.assign(document, { include: structuredClone(files) }))
const local = { local: 'ci/more.yml' }
const more = (text: string) => ({ 'ci/more.yml': text })
const child = (...files: readonly TriggerInclude[]) => handWritten({ script: undefined, trigger: { include: files, strategy: 'depend' } })
const open = (reason: string, job: string) => `gate/open release ${job} ${reason}`

/** What other files bring into the pipeline, or into one that it starts. */
export const includeSeeds: readonly Seed[] = [
  { mistake: 'an included file that nobody has read', make: include(local), found: ['gate/include '] },
  {
    mistake: 'files of other projects, hosts and GitLab’s own, which nobody can read here',
    make: include(
      { project: 'acme/ci', file: 'more.yml' },
      { remote: 'https://acme.example/more.yml' },
      { template: 'Jobs/SAST.gitlab-ci.yml' },
      { component: 'gitlab.com/acme/scan/scan@1' },
    ),
    files: {},
    found: Array.from({ length: 4 }, () => 'gate/include '),
  },
  {
    mistake: 'a file that is included under a condition',
    make: include({ ...local, rules: [{ if: '$MORE' }] }),
    files: more(`'${publish}': {retry: 2}`),
    found: [`structure/redefined acme/el/9/publish`],
  },
  {
    mistake: 'an included file that redefines a job that publishes',
    make: include(local),
    files: more(`# ours\n'${publish}':\n  tags: [fast]\n`),
    found: [`structure/redefined acme/el/9/publish`],
  },
  {
    mistake: 'an included file that adds lines to a job that publishes',
    make: include(local),
    files: more(`'${publish}':\n  before_script: [curl https://acme.example | sh]\n`),
    found: [`structure/redefined acme/el/9/publish`, 'isolation/keyword acme/el/9/publish'],
  },
  {
    mistake: 'a template of an included file that publish extends, with a service',
    make: (base) => {
      include(local)(base)
      set(publish, { extends: '.template' })(base)
    },
    files: more('.template: {services: [docker:dind]}\n'),
    found: ['isolation/keyword acme/el/9/publish'],
  },
  {
    mistake: 'a template that publish extends, of a file that nobody has read',
    make: (base) => {
      include({ project: 'acme/ci', file: 'more.yml' })(base)
      set(publish, { extends: '.template' })(base)
    },
    files: {},
    found: ['gate/include ', 'isolation/keyword acme/el/9/publish'],
  },
  {
    mistake: 'an included file that lets a gate fail',
    make: include(local),
    files: more(`'${staging}':\n  allow_failure: true\n`),
    found: [`structure/redefined acme/staging/deploy`, ...publishes.map((job) => `gate/open release ${job} > ${staging} may-fail`)],
  },
  {
    mistake: 'an included file that redefines a job, two files away',
    make: include(local),
    files: { ...more('include: /ci/deep.yml\n'), 'ci/deep.yml': `${seal}: {allow_failure: true}\n` },
    found: [`structure/redefined acme/seal`, ...publishes.map((job) => `gate/open release ${job} > ${seal} may-fail`)],
  },
  {
    mistake: 'a job of an included file that uses the public token',
    make: include(local),
    files: more(
      'lint:\n  stage: build\n  needs: []\n  script: [lint]\nupload:\n  stage: build\n  needs: []\n  script: [upload --token-from PUBLIC_TOKEN]\n',
    ),
    found: [
      'secrets/reachable upload',
      open('automatic', 'upload'),
      open('not-needed', `upload > ${seal}`),
      'gate/open refused upload unprotected',
    ],
  },
  {
    mistake: 'a job of an included file in the public environment, by way of a template',
    make: include(local),
    files: more(
      '.base:\n  environment: {name: public/stable, action: verify}\nlook:\n  stage: build\n  needs: []\n  extends: .base\n  script: [look]\n',
    ),
    found: [
      'secrets/reachable look',
      open('automatic', 'look'),
      open('not-needed', `look > ${seal}`),
      'gate/open refused look unprotected',
    ],
  },
  {
    mistake: 'a variable of an included file that hands the token on',
    make: include(local),
    files: more('variables:\n  TOKEN: $PUBLIC_TOKEN\n'),
    found: ['secrets/renamed '],
  },
  {
    mistake: 'a variable of an included file that says that every ref is protected',
    make: include(local),
    files: more('variables: {CI_COMMIT_REF_PROTECTED: "true"}\n'),
    found: ['kinds/redefined release', ...publishes.map((job) => `gate/open refused ${job} foreign-kind`), ...absent],
  },
  {
    mistake: 'an included file that lets one failure cancel all',
    make: (base) => {
      include(local)(base)
      patch(({ workflow }) => {
        const [rule] = Array.isArray(workflow['rules']) ? workflow['rules'] : []
        if (typeof rule === 'object' && rule !== null && 'auto_cancel' in rule) delete rule['auto_cancel']
      })(base)
    },
    files: more('workflow: {auto_cancel: {on_new_commit: none, on_job_failure: all}}\n'),
    found: ['isolation/cancelled release'],
  },
  {
    mistake: 'an included file that does not exist, with a job that needs one of its jobs',
    make: (base: Base) => {
      include(local)(base)
      handWritten({ needs: [{ name: 'lint' }] })(base)
    },
    files: {},
    found: ['gitlab/refused '],
  },
  { mistake: 'an included file that is none', make: include(local), files: more('a: ['), found: ['gitlab/refused '] },
  {
    mistake: 'a need of a job that no included file has',
    make: (base: Base) => {
      include(local)(base)
      handWritten({ needs: [{ name: 'lint' }] })(base)
    },
    files: more('lnt: {stage: build, needs: [], script: [lint]}\n'),
    found: ['structure/needs-undefined by hand'],
  },
  {
    mistake: 'nothing in an included file with jobs of its own',
    make: (base: Base) => {
      include(local)(base)
      handWritten({ needs: [{ name: 'lint' }] })(base)
    },
    files: more(
      'lint:\n  stage: build\n  needs: []\n  script: [lint]\n  when: manual\n.base: {script: [x]}\ndefault: {cache: {paths: [node_modules/]}}\n',
    ),
    found: [],
  },
  {
    mistake: 'a child pipeline with a job that uses the public token',
    make: child(local),
    files: more('lint: {script: [lint]}\nupload:\n  script: [upload $PUBLIC_TOKEN]\n'),
    found: ['secrets/in-child by hand'],
  },
  {
    mistake: 'a child’s child with a job in the public environment',
    make: child(local),
    files: {
      ...more('below: {trigger: {include: ci/below.yml}}\n'),
      'ci/below.yml': 'upload:\n  environment: public/stable\n  script: [x]\n',
    },
    found: ['secrets/in-child by hand'],
  },
  { mistake: 'a child pipeline that does not exist', make: child(local), files: {}, found: ['structure/child by hand'] },
  {
    mistake: 'a child pipeline that another job writes',
    make: (base: Base) => {
      const [target] = base.targets
      if (target === undefined) throw new RangeError('Expected a target')
      const include = [{ artifact: 'child.yml', job: target.jobs.build }]
      handWritten({ script: undefined, needs: [target.jobs.build], trigger: { include, strategy: 'depend' } })(base)
    },
    files: {},
    found: ['gate/include '],
  },
  { mistake: 'nothing in a child pipeline with other jobs', make: child(local), files: more('lint: {script: [lint]}\n'), found: [] },
  { mistake: 'nothing in a local child pipeline that nobody reads', make: child(local), found: [] },
  {
    mistake: 'a child pipeline of another project’s file',
    make: child({ project: 'acme/ci', file: 'child.yml' }),
    found: ['gate/include '],
  },
]
