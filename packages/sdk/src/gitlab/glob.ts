/**
 * The paths that a glob of artifacts or caches fits, with the runner's rules: those of doublestar, where `*` takes names that begin with
 * a dot too. Text between `variables` is taken as it stands; each of them fits anything.
 * @see commands/helpers/file_archiver.go of GitLab's runner, github.com/bmatcuk/doublestar
 */
export function globPattern(glob: string, variables = /(?!)/g): RegExp {
  const parts: string[] = []
  let end = 0
  for (const { 0: whole, index } of glob.matchAll(variables)) {
    parts.push(sourceOf(glob.slice(end, index)), '.*')
    end = index + whole.length
  }
  return new RegExp(`^${[...parts, sourceOf(glob.slice(end))].join('')}$`, 's')
}

const tokens = /(^|\/)\*\*(?=\/|$)\/?|\*+|\?|\[[!^]?(?:\\.|[^\]\\])+\]|\{|\}|,|\\.|[^*?[{},\\/]+|./gs

/** A regular expression of the glob; brackets that do not close stand for themselves. */
function sourceOf(glob: string): string {
  let depth = 0
  const source = [...glob.matchAll(tokens)].map(([token, start]) => {
    if (start !== undefined) return `${start}(?:[^]*/)?${token.endsWith('/') ? '' : '[^/]*'}`
    if (token.startsWith('*')) return '[^/]*'
    if (token === '?') return '[^/]'
    if (token.length > 1 && token.startsWith('[')) return `(?!/)${token.replace(/^\[!/, '[^').replaceAll(/(?<!^)\[/g, '\\[')}`
    if (token === '{') {
      depth += 1
      return '(?:'
    }
    if (token === '}' && depth > 0) {
      depth -= 1
      return ')'
    }
    if (token === ',' && depth > 0) return '|'
    return (token.length > 1 && token.startsWith('\\') ? token.slice(1) : token).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  })
  return depth === 0 ? source.join('') : glob.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
