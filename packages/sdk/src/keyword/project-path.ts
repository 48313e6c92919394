import { posix } from 'node:path'
import { checked, type Keyword, text } from '../form/keyword.js'

const within = checked<string>({ expected: 'a path inside the project, because GitLab keeps no others', fits: isWithin }, String)

/** A path or a glob of files that GitLab keeps. The runner leaves others out, with a line in the job's log. */
export const projectPath: Keyword<string> = {
  render: (value, at, report) => (typeof value === 'string' ? within : text).render(value, at, report),
}

/** A variable may stand for any number of folders. */
function isWithin(value: unknown): boolean {
  const path = String(value)
    .replace(/^(?:\$CI_PROJECT_DIR|\$\{CI_PROJECT_DIR\})(?=\/|$)/, '.')
    .replaceAll(/\$(?:\w+|\{\w+\})/g, 'v/'.repeat(20))
  return !/^\.\.(?:\/|$)/.test(posix.normalize(path))
}
