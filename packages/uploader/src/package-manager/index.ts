export { aptGet } from './apt.js'
export { dnf } from './dnf.js'
