// node scripts/deploy.mjs ENVIRONMENT FOLDER: installs the packages of FOLDER, runs the program, checks its version.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readDeb } from './deb.mjs'

const [environment, folder] = process.argv.slice(2)
const expected = process.env.STAGEGATE_VERSION
if (!expected) throw new Error('STAGEGATE_VERSION is not set: it comes from the seal job')

for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.deb')) continue
  const root = join('deployed', environment, dirname(path))
  const files = readDeb(readFileSync(join(folder, path)))
  for (const [name, { text, mode }] of Object.entries(files)) {
    mkdirSync(join(root, dirname(name)), { recursive: true })
    writeFileSync(join(root, name), text, { mode })
  }
  const said = files['./usr/bin/hello']
    ? execFileSync(join(root, 'usr/bin/hello'), { encoding: 'utf8' })
    : files['./usr/share/doc/hello/README'].text
  if (!said.startsWith(`hello ${expected}`)) throw new Error(`${path}: expected version ${expected}, it says: ${said}`)
  console.log(`${environment}: ${path} says: ${said.trim()}`)
}
