/** Called when this process exits, the last one first. */
const steps = new Set<() => void>()

/** Does something when this process exits. @returns leaves it */
export function atExit(step: () => void): () => void {
  if (steps.size === 0) process.once('exit', run)
  steps.add(step)
  return () => {
    steps.delete(step)
    if (steps.size === 0) process.off('exit', run)
  }
}

function run(): void {
  for (const step of [...steps].reverse()) step()
}
