export { HttpStore } from './http-store.js'
export { Probe } from './probe.js'
export { probePath, Site } from './site.js'
