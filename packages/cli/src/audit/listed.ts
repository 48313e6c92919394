/** The first few, and how many more. */
export function listed(jobs: readonly string[]): string {
  const shown = jobs.slice(0, 4).join(', ')
  return jobs.length > 4 ? `${shown} and ${jobs.length - 4} more` : shown
}
