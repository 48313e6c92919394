import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { modelled, rules } from './rule.js'

const page = readFileSync(new URL('../../../../docs/lint.md', import.meta.url), 'utf8')

test('docs/lint.md lists every rule with its subject and its source', () => {
  const rows = [...page.matchAll(/^\| ([A-Z]\d+) \| (.+) \| [`<](.+)[`>] \|$/gm)].map(([, id, about, source]) => [id, about, source])
  expect(rows).toEqual(Object.entries(rules).map(([id, [about, source]]) => [id, about, source]))
})

test('docs/lint.md names the GitLab that the rules describe, and says that the date of the probes is unknown', () => {
  expect(page.replaceAll(/\s+/g, ' ')).toContain(`of **${modelled.edition} ${modelled.version}**. The date of the recording was not kept.`)
})
