import type { JsonObject, JsonValue } from '@stagegate/schema'
import type { Random } from './random.js'

/** A pipeline with a gate that holds, whose parts a family changes. */
export interface Pipeline {
  readonly random: Random
  readonly document: JsonObject
  readonly files: Record<string, JsonObject>
  readonly gate: string
  readonly publish: string
  /** The header of the file, for inputs. */
  spec?: JsonObject
}

export interface Family {
  /** Opens the gate, in one of many ways to write the same. */
  readonly open: (pipeline: Pipeline) => void
  readonly verdict?: 'unseen'
}

const isTag = (random: Random) => random.one('$CI_COMMIT_TAG', '$CI_COMMIT_TAG =~ /^v/', '$CI_COMMIT_TAG != null')
const isProtected = (random: Random) =>
  random.one('$CI_COMMIT_REF_PROTECTED == "true"', "$CI_COMMIT_REF_PROTECTED == 'true'", '"true" == $CI_COMMIT_REF_PROTECTED')

export function soundPipeline(random: Random): Pipeline {
  const [gate, publish, ...others] = [random.word(), `${random.word()}-p`, random.word(), random.word()].map(
    (name, index) => `${name}${index}`,
  ) as [string, string, ...string[]]
  const conditions = random.shuffled([isTag(random), isProtected(random)]).join(' && ')
  const document: JsonObject = {
    stages: ['build', 'deploy', 'publish'],
    [gate]: { stage: 'deploy', script: ['./deploy'], ...(random.maybe() && { retry: 1 }) },
    [publish]: {
      stage: 'publish',
      needs: [random.one<JsonValue>(gate, { job: gate }, { job: gate, artifacts: false })],
      script: ['./publish'],
      rules: [{ if: conditions, when: 'manual', allow_failure: false }],
    },
    ...Object.fromEntries(others.slice(0, random.below(3)).map((name) => [name, { stage: 'build', script: ['make'] }])),
  }
  return { random, document, files: {}, gate, publish }
}

function job(pipeline: Pipeline, name: string): JsonObject {
  // The pipeline above has jobs under these names.
  return pipeline.document[name] as JsonObject
}

function add(pipeline: Pipeline, keywords: JsonObject): string {
  const name = `${pipeline.random.word()}9`
  pipeline.document[name] = { stage: 'build', script: [`./${pipeline.random.word()}`], ...keywords }
  return name
}

const ruleOf = (pipeline: Pipeline) => (job(pipeline, pipeline.publish)['rules'] as JsonObject[])[0] as JsonObject

/** A text in pieces: variables with the values of some of its parts, in each of GitLab's forms, one in the other. */
function inPieces(random: Random, text: string): { readonly text: string; readonly variables: Record<string, string> } {
  const at = 1 + random.below(text.length)
  const [name, inner] = [random.variable(), random.variable()]
  const written = `\${${name}}`
  const variables = random.maybe() ? { [name]: text.slice(0, at) } : { [name]: `\${${inner}}`, [inner]: text.slice(0, at) }
  return { text: `${written}${text.slice(at)}`, variables }
}

const place = (random: Random) => `public/${random.word()}`

/** Where variables of the pipeline can stand, from the weakest. */
function define(pipeline: Pipeline, name: string, variables: JsonObject): void {
  const { document, random } = pipeline
  if (random.maybe()) document['variables'] = { ...(document['variables'] as JsonObject | undefined), ...variables }
  else Object.assign(job(pipeline, name), { variables })
}

export const families: Readonly<Record<string, Family>> = {
  'a variable of GitLab’s that the pipeline redefines': {
    open(pipeline) {
      const { document, random } = pipeline
      const rule = ruleOf(pipeline)
      const [name, condition] = random.one(
        ['CI_COMMIT_TAG', String(rule['if'])],
        ['CI_COMMIT_REF_PROTECTED', String(rule['if'])],
        ['CI_COMMIT_BRANCH', '$CI_COMMIT_BRANCH && $CI_COMMIT_REF_PROTECTED == "true"'],
        ['CI_PIPELINE_SOURCE', '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_REF_PROTECTED == "true"'],
        ['CI_MERGE_REQUEST_IID', '$CI_MERGE_REQUEST_IID && $CI_COMMIT_REF_PROTECTED == "true"'],
      )
      rule['if'] = condition
      const value = { [name]: random.one('true', 'v1', 'main') }
      const file = `ci/${random.word()}.yml`
      random.one(
        () => Object.assign(document, { variables: value }),
        () => Object.assign(job(pipeline, pipeline.publish), { variables: value }),
        () =>
          Object.assign(document, {
            workflow: {
              rules: [
                { if: '$CI_COMMIT_REF_NAME', variables: value },
                { when: 'always', variables: value },
              ],
            },
          }),
        () => {
          document['include'] = [{ local: file }]
          pipeline.files[file] = { variables: value }
        },
      )()
    },
  },
  'an impossible job with the token': {
    open(pipeline) {
      const { document, random } = pipeline
      if (random.maybe()) document['variables'] = { [random.one('CI_COMMIT_TAG', 'CI_COMMIT_BRANCH')]: 'x' }
      const use = random.one(
        'push $PUBLIC_TOKEN',
        'push "${PUBLIC_TOKEN}"',
        'printenv PUBLIC_TOKEN | push',
        'push --token-env PUBLIC_TOKEN',
      )
      add(pipeline, {
        script: [use],
        rules: [
          { if: random.one('$CI_COMMIT_TAG && $CI_COMMIT_BRANCH', '$CI_COMMIT_BRANCH && $CI_PIPELINE_SOURCE == "merge_request_event"') },
        ],
      })
    },
  },
  'an environment that comes to be public': {
    open(pipeline) {
      const { random } = pipeline
      const pieces = inPieces(random, place(random))
      const name = add(pipeline, {
        environment: random.maybe() ? pieces.text : { name: pieces.text, action: random.one('access', 'stop', 'prepare') },
      })
      define(pipeline, name, pieces.variables)
    },
  },
  'an environment that can come to be public': {
    open(pipeline) {
      const { random } = pipeline
      const unknown = random.one(`$${random.variable()}`, `\${${random.variable()}_SLUG}`, '$CI_COMMIT_REF_NAME', '$CI_COMMIT_BRANCH')
      add(pipeline, {
        environment: random.one(`${unknown}/stable`, unknown, `pub\${${random.variable()}}/x`, '${CI_ENVIRONMENT_SLUG}public/x'),
      })
    },
  },
  'an environment from a matrix': {
    open(pipeline) {
      const { random } = pipeline
      const [name, other] = [random.variable(), random.variable()]
      const row = random.one<JsonObject>(
        { [name]: random.shuffled(['review', 'public', 'demo']).slice() },
        { [name]: 'public' },
        { [other]: ['a', 'b'], [name]: random.shuffled(['public', 'x']).slice() },
      )
      const job = add(pipeline, {
        environment: `$${name}/stable`,
        parallel: { matrix: random.shuffled<JsonObject>([row, { [name]: 'review' }]).slice() },
      })
      if (random.maybe()) define(pipeline, job, { [name]: 'review' })
    },
  },
  'a copy in place of the gate': {
    open(pipeline) {
      const { document, random, gate, publish } = pipeline
      const [value, base] = [random.word(), random.word()]
      const name = `${base}: [${value}]`
      document[name] = document[gate] ?? null
      delete document[gate]
      Object.assign(job(pipeline, publish), { needs: [name] })
      document[base] = {
        stage: 'deploy',
        script: ['true'],
        parallel: { matrix: [{ [random.variable()]: random.shuffled([value, random.word()]).slice() }] },
      }
      Object.assign(pipeline, { gate: name })
    },
  },
  'one copy of the gate': {
    open(pipeline) {
      const { random, gate, publish } = pipeline
      const [name, one, other] = [random.variable(), random.word(), `${random.word()}2`]
      const isCounted = random.below(3) === 0
      Object.assign(job(pipeline, gate), { parallel: isCounted ? 3 : { matrix: [{ [name]: [one, other] }] } })
      const needs: JsonValue = isCounted
        ? [`${gate} ${1 + random.below(3)}/3`]
        : random.one<JsonValue>(
            [`${gate}: [${one}]`],
            [{ job: gate, parallel: { matrix: [{ [name]: other }] } }],
            [{ job: gate, optional: true }],
          )
      Object.assign(job(pipeline, publish), { needs })
    },
  },
  'a template with another start': {
    open(pipeline) {
      const { document, random, gate, publish } = pipeline
      const names = Array.from({ length: 1 + random.below(5) }, (_, index) => `.${random.word()}${index}`)
      for (const [index, name] of names.entries())
        document[name] = index === 0 ? {} : { extends: random.one<JsonValue>(names[index - 1] ?? '', [names[index - 1] ?? '']) }
      const [first, last] = [names[0] ?? '', names[names.length - 1] ?? '']
      if (random.maybe()) {
        document[first] = { allow_failure: random.one<JsonValue>(true, { exit_codes: 1 }) }
        Object.assign(job(pipeline, gate), { extends: last })
      } else {
        document[first] = { rules: [{ if: '$CI_COMMIT_BRANCH' }] }
        Object.assign(job(pipeline, publish), { extends: last })
        delete job(pipeline, publish)['rules']
      }
    },
  },
  'a child pipeline with what is forwarded': {
    open(pipeline) {
      const { random, files } = pipeline
      const file = `ci/${random.word()}.yml`
      const name = random.variable()
      const child: JsonObject = { script: ['./x'], environment: random.one(`$${name}/stable`, `\${${name}}/x`) }
      files[file] = random.maybe()
        ? { x: child }
        : { variables: { [name]: 'review' }, x: random.maybe() ? child : { ...child, variables: { [name]: 'demo' } } }
      const starter = add(pipeline, {
        trigger: { include: random.one<JsonValue>(file, [{ local: file }]), ...(random.maybe() && { strategy: 'depend' }) },
      })
      delete job(pipeline, starter)['script']
      random.one(
        () => define(pipeline, starter, { [name]: 'public' }),
        () =>
          Object.assign(job(pipeline, starter), {
            rules: [{ if: '$CI_COMMIT_BRANCH', variables: { [name]: 'public' } }, { when: 'on_success' }],
          }),
      )()
    },
  },
  'a child pipeline that passes without its jobs': {
    open(pipeline) {
      const { random, files, gate } = pipeline
      const file = `ci/${random.word()}.yml`
      const weak = random.one<JsonObject>(
        { allow_failure: true },
        { when: 'manual' },
        { rules: [{ if: `$${random.variable()}` }] },
        { rules: [{ when: 'manual', allow_failure: true }] },
        { when: 'on_failure' },
      )
      files[file] = Object.fromEntries(
        [random.word(), `${random.word()}2`].slice(0, 1 + random.below(2)).map((name) => [name, { script: ['./x'], ...weak }]),
      )
      pipeline.document[gate] = { stage: 'deploy', trigger: { include: [{ local: file }], strategy: random.one('depend', 'mirror') } }
    },
  },
  'a file that is there under a condition': {
    open(pipeline) {
      const { document, random, files, gate, publish } = pipeline
      const file = `ci/${random.word()}.yml`
      const wildcard = random.maybe()
      document['include'] = [
        wildcard ? { local: random.one('ci/*.yml', 'ci/**.yml', '/ci/*.yml') } : { local: file, rules: [{ if: `$${random.variable()}` }] },
      ]
      // The file itself wins over those that it includes, so that they add and cannot change.
      const { rules: _, ...rest } = job(pipeline, publish)
      files[file] = random.one<() => JsonObject>(
        () => ({ [gate]: { allow_failure: true } }),
        () => ({ x: { stage: 'build', script: ['push $PUBLIC_TOKEN'] } }),
        () => ({ default: { before_script: ['login $PUBLIC_TOKEN'] } }),
        () => {
          document[publish] = rest
          return { [publish]: { rules: [{ if: '$CI_COMMIT_BRANCH' }] } }
        },
      )()
    },
  },
  'an input that decides': {
    open(pipeline) {
      const { random, gate, publish } = pipeline
      const name = random.word()
      const isFlag = random.maybe()
      pipeline.spec = {
        inputs: {
          [name]: isFlag
            ? { type: 'boolean', default: false }
            : random.one<JsonObject>(
                { default: 'manual' },
                { default: 'manual', options: random.shuffled(['manual', 'on_success', 'always']).slice() },
              ),
        },
      }
      const block = `$[[ inputs.${name} ]]`
      if (!isFlag) ruleOf(pipeline)['when'] = block
      else
        random.one(
          () => void Object.assign(job(pipeline, gate), { allow_failure: block }),
          () => void Object.assign(ruleOf(pipeline), { allow_failure: block }),
          () => void Object.assign(job(pipeline, publish), { needs: [{ job: gate, optional: block }] }),
        )()
    },
  },
  'a click before the gate': {
    open(pipeline) {
      const { document, random, gate, publish } = pipeline
      const rule = ruleOf(pipeline)
      const condition = String(rule['if'])
      const chain = Array.from({ length: 1 + random.below(4) }, (_, index) => `${random.word()}${index}c`)
      for (const [index, name] of chain.entries())
        document[name] = {
          stage: 'build',
          script: ['true'],
          needs: index === 0 ? [] : [chain[index - 1] ?? ''],
          rules: [{ if: condition, ...(index === 0 && { when: 'manual', allow_failure: false }) }],
        }
      Object.assign(job(pipeline, gate), { needs: [chain[chain.length - 1] ?? ''], rules: [{ if: condition }] })
      Object.assign(job(pipeline, publish), { rules: [{ if: condition }] })
    },
  },
  'what others left in the folder of the job': {
    open(pipeline) {
      const { random, publish, gate } = pipeline
      const name = add(pipeline, { artifacts: { reports: { dotenv: 'x.env' } } })
      if (random.maybe()) Object.assign(job(pipeline, publish), { cache: { key: random.word(), paths: ['dist/'] } })
      else Object.assign(job(pipeline, publish), { needs: random.shuffled<JsonValue>([gate, name]).slice() })
    },
  },
  'a secret under another name': {
    open(pipeline) {
      const { document, random } = pipeline
      const name = random.variable()
      const token = random.one('$PUBLIC_TOKEN', '${PUBLIC_TOKEN}', 'x-%PUBLIC_TOKEN%')
      random.one(
        () => void Object.assign(document, { variables: { [name]: token } }),
        () => void add(pipeline, { variables: { [name]: token } }),
        () => void Object.assign(document, { default: { before_script: [`login ${token}`] } }),
        () => void add(pipeline, { script: [`push ${token}`] }),
        () => void add(pipeline, { services: [{ name: 'x', variables: { [name]: token } }] }),
        () => void Object.assign(document, { workflow: { rules: [{ when: 'always', variables: { [name]: token } }] } }),
      )()
    },
  },
  'a file that cannot be read': {
    verdict: 'unseen',
    open({ document, random }) {
      const name = random.word()
      document['include'] = random.one<JsonValue>(
        `https://${name}.example/x.yml`,
        [{ remote: `https://${name}.example/x.yml` }],
        [{ project: `acme/${name}`, file: 'x.yml' }],
        [{ template: 'Jobs/SAST.gitlab-ci.yml' }],
        [{ component: `gitlab.com/acme/${name}/x@1` }],
        [{ local: `ci/$${random.variable()}.yml` }],
      )
    },
  },
}
