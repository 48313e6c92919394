import { mkdirSync, writeFileSync } from 'node:fs'
import { jsonSchemas } from '../src/json-schema.js'

// Run by the package's build, from the package's folder.
const folder = 'dist/json-schema'
mkdirSync(folder, { recursive: true })
for (const [name, schema] of Object.entries(jsonSchemas))
  writeFileSync(`${folder}/${name}.schema.json`, `${JSON.stringify(schema, undefined, 2)}\n`)
