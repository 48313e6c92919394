/** A group with more jobs than this is folded: drawn as one node, and written with shared parts. Fewer are easier to read one by one. */
export const fewJobs = 4

/** `publish: ` for `publish: [el/9]`: GitLab folds such jobs into one group too. Another name is its own group. */
export function groupOf(name: string): string {
  return /^(.*: )\[.*\]$/s.exec(name)?.[1] ?? name
}
