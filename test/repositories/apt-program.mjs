// node apt-program.mjs FILE: releases what the JSON file says with the built library, and prints the verdicts.
import { readFileSync } from 'node:fs'
import { aptRepository, exitCodeOf, release } from '@stagegate/uploader'

const { from, repository } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const to = { apt: aptRepository(repository) }
const { outcomes } = await release({ name: 'acme', version: '1.0', from, files: ['**/*.deb'], to })
process.stdout.write(
  `${outcomes.map(({ verdict, problem }) => (problem === undefined ? verdict : `${verdict}: ${problem.message}`)).join('\n')}\n`,
)
process.exitCode = exitCodeOf(outcomes)
