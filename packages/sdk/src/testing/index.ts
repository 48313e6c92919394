export { noSecretIn, publishesOnlyThrough } from './sentences.js'
