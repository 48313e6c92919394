/**
 * Tells a listener. What it throws is ignored, and what an async one rejects with: a broken log must not stop a release, nor end the
 * process in the middle of one. What happened stands in the outcomes, too.
 */
export function tellListener(tell: () => unknown): void {
  try {
    const answer = tell()
    if (typeof answer === 'object' && answer !== null && 'then' in answer) Promise.resolve(answer).catch(() => undefined)
  } catch {}
}
