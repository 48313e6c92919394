/** The path of a module, from the project's folder: `release/s3.mjs` for `./release/s3.mjs`. */
export function moduleFileOf(module: string): string {
  return module.replace(/^\.\//, '')
}
