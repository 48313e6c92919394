import { expect, test } from 'vitest'
import { lintText } from './index.js'

// Families of documents on which GitLab's parser is easy to misjudge, beyond those of the recorded probes.
const job = (keywords: string): string => `a: {script: x, ${keywords}}\nb: {script: x}\n`
const spec = (input: string, script = 'x'): string => `spec: {inputs: {i: ${input}}}\n---\na: {script: "${script}"}\n`
/** An input whose rule holds where the other, `p`, is `value`. */
const chosen = (value: string, keys: string): string =>
  `spec: {inputs: {e: {default: p}, v: {rules: [{if: "$[[ inputs.e ]] == '${value}'", ${keys}}]}}}\n---\na: {script: x}\n`
const run = (step: string): string => `a: {run: [${step}]}\n`
const kubernetes = (keys: string): string => job(`environment: {name: e, kubernetes: {${keys}}}`)
const release = (keys: string): string => job(`release: {tag_name: t, description: d, ${keys}}`)
const included = (item: string): string => `include: [${item}]\na: {script: x}\n`
const words = (count: number, word: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => word(index)).join(', ')

const accepted: Readonly<Record<string, readonly string[]>> = {
  'lists in lists, and items without a value': [
    job('needs: [[b], ~]'),
    job('needs: [[[{job: b, artifacts: false}]]]'),
    job('rules: [{if: $A, needs: [[b]]}]'),
    job('services: [[redis, [{name: s}]], ~]'),
    `default: {services: [[redis]], cache: [[{paths: [a]}]]}\n${job('')}`,
    `services: [[redis]]\ncache: [[{paths: [a]}], ~]\n${job('')}`,
    job('cache: [[{paths: [a]}, {paths: [b]}], ~]'),
    job('services: [{name: s, command: [a, [b, [c]]]}]'),
    'a: {trigger: {include: [[{local: c.yml}], d.yml, ~]}}\n',
    'include: [~]\na: {script: x}\n',
    `.n: &n [b]\n${job('needs: [*n]')}`,
  ],
  'values of inputs of another type': [
    spec('{default: 3.10}', 'v $[[ inputs.i ]]'),
    spec('{default: true}'),
    spec('{default: [a, 1]}'),
    spec('{default: ~}'),
    spec('{type: string, default: 1, options: ["1", "2"]}'),
    spec('{default: "1", options: [1, 2]}'),
    spec('{default: 12, regex: "^\\\\d+$"}'),
    spec('{type: number, default: "10"}'),
    spec('{type: number, default: "2", options: [1, 2]}'),
    spec('{type: boolean, default: "false"}'),
    spec('{type: array, default: "[\\"a\\"]"}'),
    job('inputs: {i: {type: number, default: "1"}, j: {default: 2}}'),
    chosen('p', 'default: q, options: [q]'),
    chosen('q', '}, {default: z'),
  ],
  'needs with a matrix on a job without one': [job('needs: [{job: b, parallel: {matrix: [{X: [1, 2]}]}}]')],
  'a matrix that makes no job': [job('parallel: {matrix: [{A: []}]}'), job("parallel: {matrix: [{A: '', B: [x]}]}")],
  'texts and numbers': [
    release('milestones: v1, name: 1, tag_message: [x]'),
    job("retry: {max: '0'}"),
    `default: {retry: {max: '2'}}\n${job('')}`,
    job(`tags: [${words(60, (index) => `t${index % 40}`)}]`),
    job("cache: {policy: ''}"),
    "' ': {script: x}\n",
    'a: {trigger: {project: g/p, forward: [x]}}\n',
    included('{local: X.YML}'),
    included("{local: 'd/*'}"),
    included('$FILE'),
  ],
  'reasons to retry': [
    job('retry: {max: 1, when: [job_router_failure, job_token_expired, duo_workflow_not_allowed]}'),
    job('retry: {max: 1, when: reached_downstream_pipeline_trigger_rate_limit}'),
    job('retry: {max: 1, when: [job_execution_server_timeout, runner_interrupted, stuck_pending_no_matching_runners]}'),
  ],
  'rules by a regular expression': [
    job('rules: [{changes: {regexp: a.*, compare_to: main}}, {exists: {regexp: b, project: g/p, ref: main}}]'),
    `workflow: {rules: [{changes: {regexp: a}}]}\n${job('')}`,
  ],
  steps: [
    run('{name: s, func: x, inputs: {a: ~, b: [1]}, env: {A: b}}'),
    run('{name: s, step: {git: {url: u, rev: r, dir: d, file: f}}}'),
    run('{name: s, step: {oci: {registry: r, repository: p, tag: t, dir: d}}}'),
  ],
  kubernetes: [
    kubernetes('agent: a, managed_resources: {enabled: false}'),
    kubernetes('agent: a, dashboard: {namespace: n, flux_resource_path: f}'),
    kubernetes('namespace: n'),
  ],
  'files of includes': [
    included('{project: g/p, file: [a.yml, b.YAML]}'),
    included("{remote: 'https://h.example/x.yaml', rules: [{exists: a}, {changes: [b], when: never}]}"),
    included('{local: a.yml, rules: ~}'),
    included('{local: ~, template: X.gitlab-ci.yml}'),
    'a: {trigger: {include: [{local: c.yml, rules: [[{if: $A}]]}]}}\n',
  ],
}

test.each(Object.entries(accepted))('GitLab takes %s, and so does the linter', (_, documents) => {
  for (const yaml of documents) expect([yaml, lintText(yaml).findings.filter(({ severity }) => severity === 'error')]).toEqual([yaml, []])
})

const refused: Readonly<Record<string, readonly string[]>> = {
  J21: [
    job('inputs: {i: {default: a, options: [b]}}'),
    job('inputs: {i: {type: boolean, default: x}}'),
    job('inputs: {i: {type: boolean, default: true, options: [true]}}'),
    job('inputs: {i: {type: number, default: 1, regex: x}}'),
    job('inputs: {i: {default: a, type: ~}}'),
    job('inputs: {i: {default: a, description: [x]}}'),
    job('inputs: {i: {default: a, rules: [{default: b}]}}'),
    job('inputs: {i: ~}'),
    job('inputs: {i: {type: array, default: x}}'),
  ],
  K4: [
    included('{template: X.gitlab-ci.yml, rules: {if: $A}}'),
    included('{component: h/p/c@1, rules: [{}]}'),
    included('{remote: "https://h.example/x.yml", rules: []}'),
    included('{project: g/p, file: x.yml, rules: [{when: manual}]}'),
    included('{local: x.yml, rules: [{exists: 1}]}'),
    included('{local: x.yml, rules: [x]}'),
    'a: {trigger: {include: [{local: x.yml, rules: [{when: manual}]}]}}\n',
    'a: {trigger: {include: [{local: x.yml, rules: []}]}}\n',
  ],
  U3: [
    spec('{rules: [{if: $A == 1, default: b}]}'),
    included("{local: x.yml, rules: [{if: $A = 'x'}]}"),
    job("rules: [{if: '$[[ matrix.A ]]'}]"),
    job("rules: [{if: '$A =~ true'}]"),
    job("rules: [{if: '/ab/ == $A'}]"),
    `workflow: {rules: [{if: '$[[ job.inputs.x ]] == "a"'}]}\n${job('')}`,
  ],
  U6: [
    included('{local: x.yml, rules: [{changes: [1]}]}'),
    job('rules: [{changes: {paths: }}]'),
    job('rules: [{changes: {paths: [a], regexp: b}}]'),
    job('rules: [{changes: {regexp: 1}}]'),
  ],
  K1: [
    included('{local: [a.yml]}'),
    included('{project: g/p}'),
    included('{project: , file: x.yml}'),
    included('{component: 1}'),
    included("{component: ''}"),
    included('{local: ~}'),
  ],
  K2: [included('{project: g/p, file: [a.yml, b.json]}'), included('"https://h.example/x.json"'), included('a/../b.yml')],
  K5: ['a: {trigger: {include: [{local: x.yml, integrity: sha256-YQ==}]}}\n'],
  K6: [
    'stages: [x]\nspec: {}\n---\na: {script: x, stage: x}\n',
    'spec: {component: [name, commit]}\n---\na: {script: x}\n',
    spec('{type: array, default: [a], options: [[a]]}'),
    spec('{type: boolean, default: true, regex: x}'),
    spec('{rules: [{}]}'),
    spec('{default: a, type: [string]}'),
    spec('{rules: [{default: b, when: never}]}'),
  ],
  K7: [chosen('q', 'default: z'), chosen('p', 'default: z, options: [y]'), spec('{type: number, default: ten}')],
  T1: ['a: {trigger: {include: {project: g/p, file: x.yml}}}\n', 'a: {trigger: {include: {artifact: x.yml, job: b}}}\nb: {script: x}\n'],
  R11: [
    `services: [{name: s, variables: {A: {value: b}}}]\n${job('')}`,
    job('services: [{name: s, variables: {A: ~}}]'),
    job('rules: [{if: $A, variables: {B: {value: c}}}]'),
    `workflow: {rules: [{if: $A, variables: {B: }}]}\n${job('')}`,
  ],
  J25: [
    run("{name: s, script: ''}"),
    run('{name: s, script: [x]}'),
    run('{name: s, script: x, inputs: {a: b}}'),
    run('{name: s, script: x, env: {A-B: c}}'),
    run('{name: s, script: x, env: ~}'),
    run('{name: s, step: {git: {url: u}}}'),
    run('{name: s, step: {git: {url: u, rev: 1}}}'),
    run('{name: s, step: {oci: {registry: r, repository: p}}}'),
    run('{name: s, step: {git: {url: u, rev: r}, oci: {registry: r, repository: p, tag: t}}}'),
    run('{name: s, func: x, foo: 1}'),
    run('{script: x}'),
  ],
  U1: [job('rules: [{if: $A}, {}]'), job('rules: [[{}]]')],
  R6: [
    `workflow: {rules: [{when: [always]}]}\n${job('')}`,
    `workflow: {rules: [{if: $A}, {}]}\n${job('')}`,
    `workflow: {rules: [{if: $A, start_in: }]}\n${job('')}`,
  ],
  U5: [job('rules: [{if: $A, start_in: }]'), job('rules: [{if: $A, when: delayed, start_in: }]')],
  U9: [job('only: {}'), job('except: {}')],
  I2: [job('image: {name: i, pull_policy: []}'), job('services: [{name: s, pull_policy: []}]')],
  I3: [
    job('image: {name: i, docker: {user: }}'),
    job("services: [{name: s, kubernetes: {user: ''}}]"),
    `default: {image: {name: i, docker: {platform: ''}}}\n${job('')}`,
  ],
  I4: [job("services: [redis, '']"), `default: {services: [[' ']]}\n${job('')}`],
  J22: [job('id_tokens: {T: {aud: ~}}'), `default: {id_tokens: {T: {aud: }}}\n${job('')}`],
  E5: [
    kubernetes('managed_resources: {enabled: true}'),
    kubernetes('dashboard: {namespace: n}'),
    kubernetes('agent: a, dashboard: {flux_resource_path: f}'),
    kubernetes('agent: a, namespace: n, dashboard: {namespace: m}'),
  ],
  E4: [
    'a: {script: x, environment: {name: e, on_stop: s}}\ns: {script: x, parallel: 2, environment: {name: e, action: stop}}\n',
    'a: {script: x, environment: {name: e, on_stop: s}}\ns: {script: x, parallel: {matrix: [{A: b}]}, environment: {name: e, action: stop}}\n',
  ],
  L1: [release('assets: {}'), release('assets: {links: []}'), release('assets: {links: }')],
  L2: [release('ref: HEAD'), release('ref: refs/heads/main'), release('ref: refs/remotes/origin/main')],
  J20: [
    'pages: {script: x, pages: false, publish: out}\n',
    job("pages: {publish: ''}, publish: out"),
    job('pages: {publish: }, publish: out'),
  ],
  N2: [job('needs: [{job: b, parallel: {matrix: [{X: 1}], foo: 1}}]'), job('needs: [[{job: b, foo: 1}]]')],
  C3: [job('cache: {key: {files: [a], prefix: [b]}}'), `default: {cache: {key: {files: [a], prefix: 1}}}\n${job('')}`],
  A6: [job('artifacts: {reports: {license_management: a}}'), `default: {artifacts: {reports: {license_management: a}}}\n${job('')}`],
  P1: [job('parallel: 2.0'), 'a: {script: x, parallel: 1e+0}\n'.replace('1e+0', '1.0e+0')],
  J17: [job('retry: 1.0'), job('retry: {max: 2.0}'), job("retry: {max: '3'}"), job("retry: '1'")],
  J23: [
    job("secrets: {S: {vault: ''}}"),
    job('secrets: {S: {vault: {engine: {name: kv}, path: p, field: f}}}'),
    job('secrets: {S: {vault: a/b@c, file: x}}'),
    job('secrets: {S: {azure_key_vault: {name: n, foo: 1}}}'),
    job('identity: aws'),
    job('dast_configuration: {foo: x}'),
  ],
  Y2: ['%YAML 1.1\n---\na: {script: x}\n', 'a: {script: [:x]}\n', 'a: {script: x, variables: {:A: b}}\n', 'a: {script: x, tags: [b:]}\n'],
  Y3: [Array.from({ length: 5_000 }, (_, index) => `j${index}: {script: x, needs: [j${index === 0 ? 1 : 0}]}\n`).join('')],
}

test.each(Object.entries(refused))('GitLab refuses what breaks its rule %s, and so does the linter', (rule, documents) => {
  for (const yaml of documents) {
    const { valid, findings } = lintText(yaml)
    const said = findings.filter(({ severity }) => severity === 'error').map((finding) => finding.rule)
    expect([yaml.slice(0, 200), valid, said]).toEqual([yaml.slice(0, 200), false, expect.arrayContaining([rule])])
  }
})
