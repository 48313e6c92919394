import { oneLine } from '../print/output.js'
import type { GitlabAnswer } from './ask-gitlab.js'

/** GitLab's messages, marked as GitLab's. */
export function gitlabLines(answer: GitlabAnswer | undefined): readonly string[] {
  if (answer === undefined) return []
  const { url, ref, valid, errors, warnings, merged } = answer
  const said = [...errors.map((one) => `  error: ${one}`), ...warnings.map((one) => `  warning: ${one}`)]
  const note = `It was merged for ${ref ?? 'the default branch'}. For other branches and tags, rules can include other files.`
  return [
    `GitLab at ${url} ${valid ? 'accepts' : 'refuses'} it${said.length === 0 ? '.' : ' with these messages:'}`,
    ...said,
    ...(merged === undefined ? [] : [note]),
  ].map(oneLine)
}
