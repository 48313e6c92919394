import { dirname, resolve, sep } from 'node:path'
import ts from 'typescript'

/** An entry of a package, as its declarations have it. */
export interface Entry {
  readonly exported: readonly string[]
  readonly values: readonly string[]
  /** Types of our packages that a signature mentions, and neither the entry nor the first one exports: `Limits: Clock`. */
  readonly unexported: readonly string[]
  /** The code of each `@example`, by the name of its export. */
  readonly examples: readonly { readonly name: string; readonly code: string }[]
  /** Exports, and members of exported interfaces and classes, that have no comment. */
  readonly undocumented: readonly string[]
}

const packages = resolve(import.meta.dirname, '../../packages')

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  typeRoots: [resolve(packages, '../node_modules/@types')],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
}

/** The errors of a program that is in no file, with what it imports from there. */
export function errorsOf(program: string, folder: string): readonly string[] {
  const file = resolve(folder, 'program.ts')
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (name, ...rest) =>
    resolve(name) === file ? ts.createSourceFile(name, program, ts.ScriptTarget.ES2023) : read(name, ...rest)
  const exists = host.fileExists.bind(host)
  host.fileExists = (name) => resolve(name) === file || exists(name)
  const checked = ts.createProgram([file], options, host)
  return ts.getPreEmitDiagnostics(checked).map(({ messageText, file: where, start = 0 }) => {
    const line = where === undefined ? '' : where.text.slice(where.text.lastIndexOf('\n', start) + 1).split('\n', 1)[0]
    return `${ts.flattenDiagnosticMessageText(messageText, ' ')} in ${line}`
  })
}

/** Packages of others that a program comes to read when it imports an entry, but Node's types. */
export function packagesBehind(file: string): readonly string[] {
  const paths = ts
    .createProgram([resolve(packages, file)], options)
    .getSourceFiles()
    .map(({ fileName }) => fileName)
  const names = paths.flatMap((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  return [...new Set(names)].filter((name) => !['typescript', '@types/node', 'undici-types'].includes(name))
}

/** Reads the built declarations of entries, in one program. */
export function readEntries(files: readonly string[]): readonly Entry[] {
  const paths = files.map((file) => resolve(packages, file))
  const program = ts.createProgram(paths, options)
  const [root, ...others] = paths.map((path) => new Reader(program, path))
  return root === undefined ? [] : [root.read(), ...others.map((reader) => reader.read(root))]
}

class Reader {
  readonly #checker: ts.TypeChecker
  readonly #exports: readonly ts.Symbol[]
  readonly #known: ReadonlySet<ts.Symbol>
  #beside: ReadonlySet<ts.Symbol> = new Set()
  readonly #unexported = new Set<string>()
  readonly #undocumented = new Set<string>()

  constructor(program: ts.Program, path: string) {
    this.#checker = program.getTypeChecker()
    const source = program.getSourceFile(path)
    const module = source && this.#checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`Expected a module at ${path}; is it built?`)
    this.#exports = this.#checker.getExportsOfModule(module)
    this.#known = new Set(this.#exports.map((symbol) => this.#behind(symbol)))
  }

  /** @param root the entry that every program knows */
  read(root?: Reader): Entry {
    this.#beside = root === undefined ? new Set() : root.#known
    for (const exported of this.#exports) {
      const symbol = this.#behind(exported)
      this.#expectComment(symbol, exported.name)
      for (const declaration of symbol.declarations ?? []) this.#readDeclaration(declaration, exported.name)
    }
    const values = this.#exports.filter(
      (symbol) => this.#behind(symbol).flags & ts.SymbolFlags.Value && !symbol.declarations?.some(ts.isTypeOnlyExportDeclaration),
    )
    return {
      exported: this.#exports.map(({ name }) => name),
      values: values.map(({ name }) => name),
      unexported: [...this.#unexported],
      undocumented: [...this.#undocumented],
      examples: this.#exports.flatMap((symbol) => this.#examplesOf(symbol)),
    }
  }

  #behind(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  #examplesOf(exported: ts.Symbol): Entry['examples'] {
    const tags = this.#behind(exported).getJsDocTags(this.#checker)
    return tags.filter(({ name }) => name === 'example').map(({ text }) => ({ name: exported.name, code: ts.displayPartsToString(text) }))
  }

  #readDeclaration(declaration: ts.Declaration, name: string): void {
    if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)) {
      for (const member of declaration.members) this.#expectMember(member, name)
    }
    this.#readMentions(declaration, name)
  }

  #expectMember(member: ts.TypeElement | ts.ClassElement, name: string): void {
    const key = member.name
    if (key === undefined || ts.isPrivateIdentifier(key) || ts.isComputedPropertyName(key)) return
    // The tag of a union is told by its union.
    if (ts.isPropertySignature(member) && member.type !== undefined && ts.isLiteralTypeNode(member.type)) return
    const symbol = this.#checker.getSymbolAtLocation(key)
    if (symbol !== undefined) this.#expectComment(symbol, `${name}.${symbol.name}`)
  }

  #expectComment(symbol: ts.Symbol, name: string): void {
    const said = symbol.getDocumentationComment(this.#checker).length > 0 || symbol.getJsDocTags(this.#checker).length > 0
    if (!said) this.#undocumented.add(name)
  }

  /** Each name of a type below a node, wherever it stands. */
  #readMentions(node: ts.Node, name: string): void {
    if (ts.isTypeReferenceNode(node)) this.#expectExported(node.typeName, name)
    if (ts.isExpressionWithTypeArguments(node)) this.#expectExported(node.expression, name)
    if (ts.isTypeQueryNode(node)) this.#expectExported(node.exprName, name)
    if (ts.isImportTypeNode(node) && node.qualifier !== undefined) this.#expectExported(node.qualifier, name)
    ts.forEachChild(node, (child) => this.#readMentions(child, name))
  }

  #expectExported(mentioned: ts.Node, name: string): void {
    const found = this.#checker.getSymbolAtLocation(mentioned)
    if (found === undefined) return
    const symbol = this.#behind(found)
    const [declaration] = symbol.declarations ?? []
    if (declaration === undefined || symbol.flags & (ts.SymbolFlags.TypeParameter | ts.SymbolFlags.Property)) return
    const file = dirname(declaration.getSourceFile().fileName)
    const isOurs = file.startsWith(packages + sep) && !file.includes('/node_modules/')
    if (isOurs && !this.#known.has(symbol) && !this.#beside.has(symbol)) this.#unexported.add(`${name}: ${symbol.name}`)
  }
}
