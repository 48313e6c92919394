import base from './stryker.config.mjs'

// The proof of the gate. A mutant that survives is a line that could be wrong and let something out unseen.
export default {
  ...base,
  mutate: [
    'packages/sdk/src/check/gate/{gate,copies,environment,id-tokens,path,writers}.ts',
    'packages/sdk/src/graph/{certainty,expansion,rules,visible,waits,ways}.ts',
    'packages/sdk/src/condition/entailment.ts',
  ],
  vitest: { configFile: 'test/vitest.proof.config.ts' },
  incrementalFile: 'node_modules/.cache/stagegate/mutation-proof.json',
  ignorePatterns: base.ignorePatterns.map((pattern) => pattern.replace('{schema,uploader}', '{schema,sdk}')),
}
