// npm run bench -- NAME: measures, and prints what it measured in its last line.
import { readdirSync } from 'node:fs'
import { build, installPackages } from './tasks/install.mjs'
import { fail } from './tasks/shell.mjs'

const folder = new URL('bench/', import.meta.url)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''))
const [name] = process.argv.slice(2)
if (!names.includes(name)) fail(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`)

installPackages()
build()
await import(new URL(`${name}.bench.mjs`, folder).href)
