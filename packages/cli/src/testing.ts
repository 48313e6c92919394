export { noSecretIn, publishesOnlyThrough } from '@stagegate/sdk/testing'
