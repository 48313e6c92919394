import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AuditResult, audit } from '../../index.js'
import { families, type Pipeline, soundPipeline } from './families.js'
import { Random, yamlOf } from './random.js'

/** `FAMILY_RUNS=1000` goes through more. */
const numRuns = Number(process.env['FAMILY_RUNS'] ?? 60)

function audited({ document, files, gate, publish, random, spec }: Pipeline): { readonly yaml: string; readonly result: AuditResult } {
  const yaml = `${spec === undefined ? '' : `${yamlOf({ spec }, random)}\n---\n`}${yamlOf(document, random)}\n`
  const texts = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, `${yamlOf(content, random)}\n`]))
  const readLocal = Object.assign((path: string) => texts[path], { list: () => Object.keys(texts) })
  return { yaml, result: audit(yaml, { publishes: [publish], gates: [gate], secrets: ['PUBLIC_TOKEN'], readLocal }) }
}

test('a sound pipeline is one, however it is written', () => {
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const { yaml, result } = audited(soundPipeline(Random.by(gen)))
      expect(
        result.findings.filter(({ severity }) => severity === 'error'),
        yaml,
      ).toEqual([])
      expect(result.gate, yaml).toBe('holds')
    }),
    { numRuns },
  )
})

test.each(Object.entries(families))('%s is found, however it is written', (_, { open, verdict = 'open' }) => {
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const pipeline = soundPipeline(Random.by(gen))
      open(pipeline)
      const { yaml, result } = audited(pipeline)
      expect(result.valid, `${yaml}\n${JSON.stringify(result.findings)}`).toBe(true)
      expect(result.gate, `${yaml}\n${JSON.stringify(pipeline.files)}`).toBe(verdict)
    }),
    { numRuns },
  )
})
