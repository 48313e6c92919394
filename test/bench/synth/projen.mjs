// The same jobs written for projen. Prints the YAML's length.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gitlab, Project } from 'projen'
import { plainJobs, stages } from './plain.mjs'

process.env.PROJEN_DISABLE_POST = 'true'
const outdir = mkdtempSync(join(tmpdir(), 'stagegate-bench-'))
try {
  const project = new Project({ name: 'bench', outdir, commitGenerated: false, logging: { level: 0 } })
  const configuration = new gitlab.GitlabConfiguration(project, { stages })
  const jobs = Object.entries(plainJobs(Number(process.argv[2])))
  configuration.addJobs(
    Object.fromEntries(
      jobs.map(([name, { needs, rules, ...job }]) => [name, { ...job, needs: needs.map((need) => ({ job: need })), rules }]),
    ),
  )
  project.synth()
  console.log(readFileSync(join(outdir, '.gitlab-ci.yml'), 'utf8').length)
} finally {
  rmSync(outdir, { recursive: true, force: true })
}
