import fc from 'fast-check'

/** A package of a spec, by the lines that rpmbuild reads. */
interface Part {
  readonly preamble: readonly string[]
  readonly files: readonly Made[]
  readonly scripts: readonly string[]
  readonly description: string
}

/** A file, and the line of `%files` that lists it. */
interface Made {
  readonly path: string
  readonly folder: boolean
  readonly as: string
}

const word = fc.string({ unit: fc.constantFrom(...'abcdefgxyz0189'), minLength: 1, maxLength: 6 }).map((text) => `n${text}`)
const upstream = fc.tuple(fc.constantFrom('1', '0.9', '2.10', '20240101'), fc.constantFrom('', '~rc1', '^git7', '~a^b', '+x_1'))
const version = upstream.map((parts) => parts.join(''))
const release = fc.constantFrom('1', '4.el9', '0.1.beta~2', '7^x')
const epoch = fc.constantFrom(undefined, undefined, 0, 1, 20)

/** Everything that XML, or a reader of it, might take for something else. `%` would be a macro. */
const hostile = fc.constantFrom(
  '<b>',
  '&amp;',
  '&',
  '"',
  "'",
  ']]>',
  '<!--',
  '<?x?>',
  '\t',
  '  ',
  'é',
  '中文',
  '🎉',
  '\u00a0',
  '\u2028',
  '\u0085',
  '\u007f',
)
const prose = fc.array(fc.oneof(word, hostile), { minLength: 1, maxLength: 8 }).map((parts) => `A${parts.join(' ')}Z`)
const lines = fc.array(prose, { minLength: 1, maxLength: 4 }).map((all) => all.join('\n\n  '))

const plain = fc.oneof(
  word,
  word.map((name) => `perl(${name}::Bar)`),
  word.map((name) => `lib${name}.so.1(X_1.2)(64bit)`),
  fc.constantFrom('/usr/bin/own', '/etc/own.conf', '/usr/share/own', 'libc.so.6(GLIBC_2.4)(64bit)', 'libc.so.6(GLIBC_2.34)(64bit)'),
  fc.constantFrom('libc.so.6()(64bit)', 'libc.so.6(GLIBC_PRIVATE)(64bit)', 'libc.so.6', 'libc.so.6(GLIBC_2.3.4)'),
)
const evr = fc.tuple(fc.constantFrom('', '', '0:', '3:'), version, fc.constantFrom('', '-1', '-2.el9')).map((parts) => parts.join(''))
const comparison = fc.constantFrom('<', '<=', '=', '>=', '>')
const versioned = fc.tuple(plain, comparison, evr).map(([name, sign, evr]) => (name.startsWith('/') ? name : `${name} ${sign} ${evr}`))
/** rpmbuild refuses `unless` for what a package needs, and `if` for what it is needed by. */
const rich = (condition: 'if' | 'unless') =>
  fc
    .tuple(word, fc.constantFrom('and', 'or', condition, 'with', 'without'), word, evr)
    .map(([one, sign, other, evr]) => (sign === 'and' ? `(${one} ${sign} ${other} >= ${evr})` : `(${one} >= ${evr} ${sign} ${other})`))
const simple = fc.oneof(plain, versioned)

const relation = fc.oneof(
  simple.map((one) => `Provides: ${one}`),
  fc.oneof(simple, rich('if')).map((one) => `Requires: ${one}`),
  fc.tuple(fc.constantFrom('pre', 'post', 'preun', 'postun', 'verify', 'interp'), simple).map(([when, one]) => `Requires(${when}): ${one}`),
  // In the same words, more than once.
  versioned.map((one) => `Requires: ${one}\nRequires(pre): ${one}\nProvides: ${one.replace(/ [<>]=? /, ' = ').replace(/^\/.*/, 'p')}`),
  word.map((one) => `Provides: ${one} = 2\nRequires: ${one} = 2\nRequires: ${one}`),
  fc.tuple(fc.constantFrom('Recommends', 'Suggests'), fc.oneof(simple, rich('if'))).map(([kind, one]) => `${kind}: ${one}`),
  fc.tuple(fc.constantFrom('Supplements', 'Enhances'), fc.oneof(simple, rich('unless'))).map(([kind, one]) => `${kind}: ${one}`),
  fc
    .tuple(
      fc.constantFrom('Conflicts', 'Obsoletes'),
      versioned.filter((one) => /^n\w+ /.test(one)),
    )
    .map(([kind, one]) => `${kind}: ${one}`),
)

const folder = fc.constantFrom('/etc', '/etc/n', '/usr/bin', '/usr/share/n', '/opt/x/bin', '/opt/x/sbin/deep', '/usr/lib', '/srv/mybin/y')
const baseName = fc.oneof(
  word,
  fc.constantFrom('sendmail', 'a & b', '<tag>', 'é', 'plus+plus', 'til~de', "it's", 'own', 'own.conf', ']]>', '日本'),
)
const made = fc
  .tuple(folder, baseName, fc.constantFrom('', '', '', '%config ', '%config(noreplace) ', '%ghost ', '%doc ', '%license ', '%dir '))
  .map(
    ([folder, name, how]): Made =>
      how === '%dir ' ? { path: `${folder}/${name}.d`, folder: true, as: how } : { path: `${folder}/${name}`, folder: false, as: how },
  )

const script = fc.constantFrom(
  '%pre\ntrue',
  '%post -p /sbin/ldconfig',
  '%post\ntrue',
  '%preun\ntrue',
  '%postun -p <lua>\nx = 1',
  '%verifyscript\ntrue',
  '%triggerin -- other > 3\ntrue',
  '%filetriggerin -- /usr/share/n\ntrue',
)
const unique = <T>(all: fc.Arbitrary<T>, by: (one: T) => string, most: number) => fc.uniqueArray(all, { selector: by, maxLength: most })

const part = fc.record({
  preamble: fc
    .tuple(
      prose.map((text) => `Summary: ${text}`),
      version.map((one) => `Version: ${one}`),
      release.map((one) => `Release: ${one}`),
      epoch.map((one) => (one === undefined ? '' : `Epoch: ${one}`)),
      fc.constantFrom('', 'Group: Some/Thing', 'Group: <Odd & Group>'),
      fc.constantFrom('', 'URL: https://example.com/?a=1&b="2"', 'URL: https://example.com/é'),
      fc.constantFrom('', 'BuildArch: noarch'),
    )
    .chain((fixed) => fc.array(relation, { maxLength: 12 }).map((relations) => [...fixed, ...relations])),
  files: fc.oneof(
    { weight: 8, arbitrary: unique(made, ({ path }) => path, 12) },
    fc.constant([]),
    fc.constant(Array.from({ length: 300 }, (_, at): Made => ({ path: `/usr/share/many/${at % 7}/file-${at}`, folder: false, as: '' }))),
  ),
  scripts: unique(script, (text) => text.slice(0, text.search(/\s/)), 4),
  description: lines,
})

const day = fc.constantFrom('Thu Feb 29 2024', 'Tue Jan 02 2024', 'Mon Jan 01 2024', 'Fri Dec 31 1999')
const change = fc.tuple(fc.constantFrom('A B <a@example.com> - 1-1', 'Jörg "X" & Y  ', 'é', 'a@b'), lines)
/** rpmbuild wants the newest first. */
const changelog = fc.array(fc.tuple(day, change), { maxLength: 16 }).map((all) =>
  all
    .toSorted(([one], [other]) => Date.parse(other) - Date.parse(one))
    .map(([day, [author, text]]) => `* ${day} ${author}\n- ${text.replaceAll('\n*', '\n')}\n`)
    .join('\n'),
)

/** A spec that rpmbuild builds a source package and several others of. */
export const spec = fc
  .record({ name: word, main: part, parts: fc.array(part, { minLength: 7, maxLength: 9 }), changelog })
  .map(({ name, main, parts, changelog }) => {
    const all = [main, ...parts.map((one, at) => ({ ...one, name: `${name}-${at}+x` }))]
    const files = all.flatMap((one) => one.files)
    return [
      `Name: ${name}`,
      ...main.preamble.filter((line) => !line.startsWith('BuildArch')),
      'License: MIT & <BSD>',
      'Vendor: Example "Vendor" <v@example.com>',
      'Packager: Jörg <p@example.com>',
      'BuildRequires: rpm >= 1',
      `%description\n${main.description}`,
      ...parts.flatMap((one, at) => [
        `%package -n ${name}-${at}+x`,
        ...one.preamble,
        `%description -n ${name}-${at}+x\n${one.description}`,
      ]),
      '%install',
      `mkdir -p ${[...new Set(files.map(({ path, folder }) => (folder ? path : path.slice(0, path.lastIndexOf('/')))))].map(inRoot).join(' ')} /tmp`,
      ...files.filter(({ folder }) => !folder).map(({ path }) => `echo x > ${inRoot(path)}`),
      ...sections(main, ''),
      ...parts.flatMap((one, at) => sections(one, ` -n ${name}-${at}+x`)),
      `%changelog\n${changelog}`,
      '',
    ].join('\n')
  })

function inRoot(path: string): string {
  return `"$RPM_BUILD_ROOT"'${path.replaceAll("'", `'\\''`)}'`
}

function sections(part: Part, name: string): readonly string[] {
  const scripts = part.scripts.map((text) => {
    const [first = '', ...rest] = text.split('\n')
    const [section = '', ...words] = first.split(' ')
    return [`${section}${name} ${words.join(' ')}`, ...rest].join('\n')
  })
  return [...scripts, `%files${name}`, ...part.files.map(({ path, as }) => `${as}"${path}"`)]
}
