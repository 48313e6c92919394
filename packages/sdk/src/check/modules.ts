import { createHash } from 'node:crypto'
import { isBuiltin } from 'node:module'
import { isModulePath, repositoryTypes, type Sha256, sha256 } from '@stagegate/schema'
import type { IConstruct } from 'constructs'
import type { IssueFacts, Recorded } from '../issue/facts.js'
import type { ReadLocal } from '../lint/index.js'
import { PublicRepo, StagingRepo } from '../release/repositories.js'
import { allOf } from '../release/route.js'
import { moduleFileOf, storeOf } from '../repository/index.js'

/** The modules of custom repository types: their digests, by their paths in the project, and the problems with them. */
export interface Modules {
  readonly digests: ReadonlyMap<string, Sha256>
  readonly problems: readonly Recorded[]
}

type ModuleFacts = IssueFacts & { readonly code: 'routes/module' }

/** Reads the modules that define types of repositories. Jobs with credentials run them, so the plan pins each. */
export function readModules(root: IConstruct, readLocal: ReadLocal | undefined): Modules {
  const digests = new Map<string, Sha256>()
  const problems: Recorded[] = []
  for (const repo of [...allOf(root, StagingRepo), ...allOf(root, PublicRepo)]) {
    // If the repository is on a store, the module defines the store.
    const { type } = storeOf(repo.at)
    const { module } = repo.at
    const report = (is: ModuleFacts['is'], imports?: string) =>
      problems.push({
        at: repo,
        facts: {
          code: 'routes/module',
          repository: repo.label,
          type,
          is,
          ...(module !== undefined && { module }),
          ...(imports !== undefined && { imports }),
        },
      })
    if (module === undefined) {
      if (!repositoryTypes.includes(type)) report('absent')
      continue
    }
    const path = moduleFileOf(module)
    if (repositoryTypes.includes(type)) report('built-in')
    else if (!isModulePath(path)) report('path')
    else if (readLocal === undefined) report('not-read')
    else {
      const text = readLocal(path)
      const imports = text === undefined ? undefined : importedIn(text)
      if (text === undefined) report('missing')
      else if (imports !== undefined) report('imports', imports)
      else digests.set(path, digestOf(text))
    }
  }
  return { digests, problems }
}

function digestOf(text: string): Sha256 {
  return sha256(createHash('sha256').update(text).digest('hex'))
}

/** Only statements at the start of a line; the command refuses others when it loads the module. */
const importing =
  /^[ \t]*(?:import\s*(?:[\w$*{}\s,]+\bfrom\s*)?|export\s*(?:\*(?:\s*as\s+[\w$]+)?|\{[^}'"]*\})\s*from\s*)(['"])([^'"\n]+)\1/gm

/** The first file or package that a module imports. None exist where the module runs. */
function importedIn(text: string): string | undefined {
  return [...text.matchAll(importing)].map(([, , from = '']) => from).find((from) => !isBuiltin(from))
}
