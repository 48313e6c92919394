/** Whether a name fits a pattern, in which `*` stands for anything. In time that does not grow with what `*` could stand for. */
export function fits(name: string, pattern: string): boolean {
  const [start = '', ...parts] = pattern.split('*')
  const end = parts.pop()
  if (end === undefined) return name === pattern
  const rest = name.length - end.length
  if (start.length > rest || !name.startsWith(start) || !name.endsWith(end)) return false
  let at = start.length
  return parts.every((part) => {
    const found = name.indexOf(part, at)
    at = found + part.length
    return found !== -1 && at <= rest
  })
}
