import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { modelled, rules } from './rule.js'

const page = readFileSync(new URL('../../../../docs/lint.md', import.meta.url), 'utf8')

test('docs/lint.md lists every rule with its subject and its source', () => {
  const rows = [...page.matchAll(/^\| ([A-Z]\d+) \| (.+) \| [`<](.+)[`>] \|$/gm)].map(([, id, about, source]) => [id, about, source])
  expect(rows).toEqual(Object.entries(rules).map(([id, [about, source]]) => [id, about, source]))
})

test('docs/lint.md names the GitLab that the rules describe, and the date of the probes', () => {
  expect(page.replaceAll(/\s+/g, ' ')).toContain(
    `of **${modelled.edition} ${modelled.version}**. Its verdicts were recorded on ${modelled.recorded}.`,
  )
})
