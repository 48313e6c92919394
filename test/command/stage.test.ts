import { expect, test } from 'vitest'
import { World } from '../release/world.js'

test('staging says in its own words what is staged, and what was there before', async () => {
  const world = await World.built()
  const stage = async () => (await world.succeed(['stage', '--target', 'any/any', world.built('any/any')])).stdout
  const rest = String.raw`  hello-doc_1\.2\.3-1_all\.deb for any\/any  662 B  sha256 [0-9a-f]{64}
Staged any\/any in staging; the record is \.stagegate\/records\/any%2Fany\.json\.
$`
  const line = (word: string, sent = '') => String.raw`^${word.padEnd(15)} hello-doc_1\.2\.3-1_all\.deb for any\/any -> staging${sent}\n *`
  expect(await stage()).toMatch(new RegExp(line('staged', String.raw`  662 B in \d\.\d s, .*\/s`) + rest))
  expect(await stage()).toMatch(new RegExp(line('already-staged') + rest))
})
