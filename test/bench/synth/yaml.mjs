// The same jobs written with nothing but a YAML library. Prints the YAML's length.
import { stringify } from 'yaml'
import { plainJobs, stages } from './plain.mjs'

console.log(stringify({ stages, ...plainJobs(Number(process.argv[2])) }).length)
