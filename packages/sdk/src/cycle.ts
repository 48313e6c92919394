/** The nodes of the first cycle that is found, in order; `undefined` without one. Iterative: a chain can be longer than the stack. */
export function findCycle<T>(nodes: Iterable<T>, nextOf: (node: T) => Iterable<T>): readonly T[] | undefined {
  const done = new Set<T>()
  for (const start of nodes) {
    if (done.has(start)) continue
    const path = [{ node: start, next: nextOf(start)[Symbol.iterator]() }]
    const onPath = new Set([start])
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.next.next()
      if (next.done === true) {
        done.add(top.node)
        onPath.delete(top.node)
        path.pop()
      } else if (onPath.has(next.value)) {
        const on = path.map(({ node }) => node)
        return on.slice(on.indexOf(next.value))
      } else if (!done.has(next.value)) {
        path.push({ node: next.value, next: nextOf(next.value)[Symbol.iterator]() })
        onPath.add(next.value)
      }
    }
  }
  return undefined
}
