// node add.mjs FILE: releases what the JSON file says with the built library, as a program of a user's would.
import { readFileSync } from 'node:fs'
import { aptRepository, describeProblem, release, yumRepository } from '@stagegate/uploader'

const { from, kind, options } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const to = { tree: kind === 'apt' ? aptRepository(options) : yumRepository(options) }
const { outcomes } = await release({ name: 'acme', version: '1.0', from, files: ['**/*.{deb,rpm}'], to })
for (const { verdict, problem } of outcomes) if (verdict !== 'published') throw new Error(problem ? describeProblem(problem) : verdict)
