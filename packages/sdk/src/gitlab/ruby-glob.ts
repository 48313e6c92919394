/**
 * The paths that a glob of `changes` and `exists` fits: Ruby's `File.fnmatch` with FNM_PATHNAME, FNM_DOTMATCH and FNM_EXTGLOB. Unlike
 * the runner's globs, `**` crosses folders only with a slash after it.
 * @see https://docs.gitlab.com/ci/yaml/#ruleschanges
 */
export function rubyGlob(glob: string): RegExp {
  return new RegExp(`^(?:${alternatives(glob).map(sourceOf).join('|')})$`, 's')
}

/** Braces make several globs, before anything else of them is read. */
function alternatives(glob: string): readonly string[] {
  const inner = /^(.*)(?<!\\)\{((?:\\.|[^\\{}])*)\}(.*)$/s.exec(glob)
  if (inner === null) return [glob]
  const [, before = '', within = '', after = ''] = inner
  return within.split(',').flatMap((one) => alternatives(`${before}${one}${after}`))
}

const tokens = /(?<=^|\/)(?:\*\*\/)+|\*+|\?|\[[!^]?(?:\\.|[^\]\\])+\]|\\.|./gs

function sourceOf(glob: string): string {
  return (glob.match(tokens) ?? [])
    .map((token) => {
      if (token.startsWith('**/')) return '(?:[^/]*/)*'
      if (token.startsWith('*')) return '[^/]*'
      if (token === '?') return '[^/]'
      if (token.length > 1 && token.startsWith('[')) return `(?!/)${token.replace(/^\[!/, '[^').replaceAll(/(?<!^)\[/g, '\\[')}`
      return (token.length > 1 && token.startsWith('\\') ? token.slice(1) : token).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    })
    .join('')
}
