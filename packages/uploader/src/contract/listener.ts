/**
 * Calls a listener. Its errors and rejections are ignored: a broken log must not stop a release, or end the process
 * in the middle of one. The outcomes report the same.
 */
export function tellListener(tell: () => unknown): void {
  try {
    const answer = tell()
    if (typeof answer === 'object' && answer !== null && 'then' in answer) Promise.resolve(answer).catch(() => undefined)
  } catch {}
}
