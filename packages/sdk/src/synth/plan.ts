import { createHash } from 'node:crypto'
import type { ReleasePlan } from '@stagegate/schema'
import type { Program } from '../app-props.js'
import { PublicRepo, StagingRepo } from '../release/repositories.js'
import { allOf } from '../release/route.js'
import { renderPlan } from '../render/plan.js'
import { certificatesOf } from '../repository/index.js'
import type { Tree } from './tree.js'

const version = '0.1.0'

/** The release plan as the jobs will read it. */
export interface PlanFile {
  readonly document: ReleasePlan
  readonly text: string
  /** The digest of the text, in hex: jobs compare the file with it. */
  readonly sha256: string
}

export function planFileOf(app: Program, tree: Tree): PlanFile {
  const document = planOf(app, tree)
  const text = `${JSON.stringify(document, undefined, 2)}\n`
  return { document, text, sha256: createHash('sha256').update(text).digest('hex') }
}

function planOf(app: Program, { kinds, releases, modules }: Tree): ReleasePlan {
  const { records = 'gitlab', cli = {}, project = {} } = app.props
  return renderPlan({
    generator: `@stagegate/sdk ${version}`,
    project: {
      url: new URL(project.url ?? 'https://gitlab.com').href.replace(/\/+$/, ''),
      ...(project.ca !== undefined && { ca: certificatesOf(project.ca, 'project.ca') }),
      ...(project.path !== undefined && { path: project.path }),
    },
    records: records === 'gitlab' ? { type: 'gitlab' } : { type: 'directory', path: String(records.settings['path']) },
    allowedVariables: cli.allow ?? [],
    kinds,
    modules,
    repositories: [...allOf(app, StagingRepo), ...allOf(app, PublicRepo)],
    releases,
  })
}
