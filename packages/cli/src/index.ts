import { type AppProps, App as SdkApp } from '@stagegate/sdk'

/** The sha256 of the command beside this file, put in by the build. */
declare const STAGEGATE_COMMAND_SHA256: string | undefined
const commandSha256 = typeof STAGEGATE_COMMAND_SHA256 === 'string' ? STAGEGATE_COMMAND_SHA256 : undefined

export * from '@stagegate/sdk'

/** The root of the tree: one pipeline. Its jobs check that the command they run is the one of this package. */
export class App extends SdkApp {
  constructor(props: AppProps = {}) {
    super({ ...props, cli: { ...props.cli, sha256: props.cli?.sha256 ?? commandSha256 } })
  }
}
