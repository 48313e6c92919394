import { Ajv } from 'ajv'
import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { renderYaml } from '../render/yaml.js'
import { everyKeyword } from './testing/every-keyword.js'
import { isRaw, known } from './testing/known-keywords.js'
import { schema } from './testing/schema-paths.js'

const { document, issues } = everyKeyword().synth()
const text = renderYaml(document, { header: ['all'], comment: () => undefined })
const [header, body] = loadAll(text, { schema: YAML11_SCHEMA }).map((one) => JSON.parse(JSON.stringify(one)))

describe('a document that uses every keyword', () => {
  test('is valid by GitLab’s schema, its header too', () => {
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema)
    for (const one of [header, body]) expect([validate(one), validate.errors]).toEqual([true, null])
  })

  test('says what was meant, read by another parser', () => {
    const { jobs, spec, prefill: _form, variables: _values, ...keywords } = document
    expect(header).toEqual({ spec })
    expect(body).toEqual({
      ...keywords,
      variables: {
        STAGEGATE_KIND: '',
        PLAIN: 'x',
        CHOSEN: { value: 'a', description: 'which', options: ['a', 'b'], expand: false },
      },
      ...jobs,
    })
  })

  test('has the keywords of the pipeline in the order that a person would write', () => {
    expect(Object.keys(body).slice(0, 5)).toEqual(['include', 'stages', 'workflow', 'variables', 'default'])
    expect(Object.keys(body['workflow'])).toEqual(['name', 'auto_cancel', 'rules'])
    expect(text.split('\n').slice(0, 3)).toEqual(['# all', '', 'spec:'])
    expect(text).toContain('\n---\ninclude:\n')
  })

  test('is the same on every run', () => {
    expect(renderYaml(everyKeyword().synth().document, { header: ['all'], comment: () => undefined })).toBe(text)
  })

  test('uses every keyword that is typed, at any depth', () => {
    const { jobs, ...keywords } = document
    const all = { ...keywords, ...header, variables: body['variables'], job: Object.values(jobs) }
    // Said in the rules of a job, never at the job itself.
    const elsewhere = ['job.when', 'job.start_in']
    const typed = known.filter((path) => !isRaw(path) && !elsewhere.includes(path))
    expect(typed.filter((path) => !isUsed(all, path.split('.')))).toEqual([])
  })
})

test('issues are of the checks alone: no keyword of it is refused', () => {
  expect(issues.filter(({ code }) => code === 'structure/value' || code === 'structure/unknown-keyword')).toEqual([])
})

/** Whether something stands at the path, in any item of the lists on the way; `*` is any key. */
function isUsed(node: unknown, path: readonly string[]): boolean {
  if (Array.isArray(node)) return node.some((one) => isUsed(one, path))
  const [key, ...rest] = path
  if (key === undefined) return true
  if (typeof node !== 'object' || node === null) return false
  return Object.entries(node).some(([name, one]) => (key === '*' || name === key) && isUsed(one, rest))
}
