import { comparePipelines, type PipelineChange } from '@stagegate/sdk'
import { expect, test } from 'vitest'
import { changesAsMarkdown } from './changes-markdown.js'

const change = (more: Partial<PipelineChange>): PipelineChange => ({
  what: 'changes',
  job: 'a',
  kinds: ['any'],
  message: 'changes',
  ...more,
})
const jobs = (count: number, more: (job: string) => Partial<PipelineChange>) =>
  Array.from({ length: count }, (_, index) => change({ job: `job ${index}`, ...more(`job ${index}`) }))

function changes(before: string, after: string): readonly PipelineChange[] {
  const found = comparePipelines({ yaml: before }, { yaml: after })
  if (found.is === 'refused') throw new Error(found.message)
  return found.changes
}

test('no change is reported as none', () => {
  expect(changesAsMarkdown([], true)).toMatch(/^### Pipeline: no change of meaning\n/)
})

test('weakenings come first, then jobs that vanish, appear and change', () => {
  const all = [
    change({ what: 'appears', job: 'new' }),
    change({ what: 'vanishes', job: 'old' }),
    change({ what: 'weakened', job: 'push', message: 'starts by itself' }),
    change({ keywords: [{ keyword: 'script', before: ['x'], after: ['y'] }] }),
  ]
  const titles = changesAsMarkdown(all, true).match(/^#.*$/gm)
  expect(titles).toEqual([
    '### Pipeline: something is weaker than before; a person must review it',
    '#### Weaker',
    '#### Jobs that are removed',
    '#### Jobs that are added',
    '#### Changes',
  ])
})

test('each cause of a weakening is in sight, however many jobs there are', () => {
  const weaker = (job: string) => ({ what: 'weakened' as const, job, kinds: ['release'], message: 'starts by itself', cause: 'automatic' })
  const leak = change({ what: 'weakened', job: 'peek', message: 'peek sees $PUBLIC_TOKEN', cause: 'secret' })
  const text = changesAsMarkdown([...jobs(40, weaker), leak], true)
  const inSight = text.replaceAll(/ *<details>.*?<\/details>/gs, '')
  expect(inSight).toContain('- `job 0` starts by itself (`release`)')
  expect(inSight).toContain('- peek sees `$PUBLIC_TOKEN`')
  expect(inSight).not.toContain('job 1')
  expect(text).toContain('  <details><summary>39 more of this kind</summary>\n\n  - `job 1` starts')
  // HTML ends at an empty line, so the next item has to come after one.
  expect(text).toContain('</details>\n\n- peek')
})

test('a long list of jobs is folded', () => {
  const text = changesAsMarkdown(
    jobs(13, () => ({ what: 'appears' })),
    true,
  )
  expect(text).toContain('- `job 9`\n\n<details><summary>3 more</summary>\n\n- `job 10`\n')
})

test('jobs that change in the same way are listed together, with the lines that differ and the condition above them', () => {
  const yaml = (start: string) =>
    ['a', 'b'].map((name) => `"x: [${name}]":\n  script: [x]\n  rules:\n    - if: $A\n      changes: [b]\n      when: ${start}\n`).join('')
  expect(changesAsMarkdown(changes(yaml('manual'), yaml('always')), true)).toContain(`2 jobs change in \`rules\`:

- \`x: [a]\`
- \`x: [b]\`

\`\`\`diff
   - if: $A
     changes: [b]
-    when: manual
+    when: always
\`\`\``)
})

test('a change of the whole pipeline is listed separately', () => {
  const text = changesAsMarkdown(changes('variables: {A: w}\na: {script: [x]}\n', 'variables: {A: z}\na: {script: [x]}\n'), true)
  expect(text).toContain('The pipeline changes in `variables`:\n\n```diff\n-variables: {A: w}\n+variables: {A: z}\n```')
})

test('a long difference is folded', () => {
  const script = (word: string) => `a: {script: [${Array.from({ length: 30 }, (_, index) => `make ${word}${index}`).join(', ')}]}\n`
  expect(changesAsMarkdown(changes(script('x'), script('y')), true)).toMatch(
    /<details><summary>\d+ lines of the difference<\/summary>\n\n```diff\n/,
  )
})

test('names, scripts and keys of a pipeline drive nothing', () => {
  const name = '</details>\\n/merge\\n![x](https://evil.example) @all `'
  const yaml = (line: string) => `"${name}":\n  script:\n    - |\n      ${line}\n      /close\n      \`\`\`\n      /merge\n`
  const text = changesAsMarkdown(
    [...changes(yaml('a'), yaml('b')), ...changes('x: {script: [x]}', `x: {script: [x]}\n${yaml('a')}`)],
    false,
  )
  const outside = text.replaceAll(/^(`{3,})diff\n.*?\n\1$/gms, '').replaceAll(/(`+)[^`].*?[^`]\1(?!`)/g, '')
  expect(outside).not.toMatch(/merge|evil|@all/)
  expect(text).not.toMatch(/^\//m)
})

test('if no job is known to publish, that is reported instead of a verdict', () => {
  const text = changesAsMarkdown([change({ what: 'appears' })], false)
  expect(text).toMatch(/^### Pipeline: no job is known to publish\n/)
  expect(text).toContain('`--publishes`')
  expect(text).not.toContain('nothing is weaker')
})
