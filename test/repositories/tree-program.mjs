// node tree-program.mjs FILE: releases what the JSON file says with the built library, and prints the verdicts.
import { readFileSync } from 'node:fs'
import { aptRepository, exitCodeOf, release, yumRepository } from '@stagegate/uploader'

const { from, version, type, repository } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const to = { tree: { apt: aptRepository, yum: yumRepository }[type](repository) }
const { outcomes } = await release({ name: 'acme', version, from, files: ['**/*.{deb,rpm}'], to })
for (const { verdict, problem } of outcomes) console.log(problem === undefined ? verdict : `${verdict}: ${problem.message}`)
process.exitCode = exitCodeOf(outcomes)
