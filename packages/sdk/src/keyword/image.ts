import { checked, type Keyword, oneOf, text, textLike } from '../form/keyword.js'
import { either, fields, list, oneOrMany, textOr } from '../form/keyword-forms.js'
import { plainVariables } from './variables.js'

export type PullPolicy = 'always' | 'if-not-present' | 'never'

/** @see https://docs.gitlab.com/ci/yaml/#image */
export interface ImageProps {
  readonly name: string
  /** @default the image's own */
  readonly entrypoint?: readonly string[] | undefined
  /** When the runner pulls it; of several, the first that works. @default the runner's setting */
  readonly pullPolicy?: PullPolicy | readonly PullPolicy[] | undefined
  /** For runners with the Docker executor. */
  readonly docker?: { readonly platform?: string | undefined; readonly user?: string | undefined } | undefined
  /** For runners with the Kubernetes executor. */
  readonly kubernetes?: { readonly user?: string | number | undefined } | undefined
}

/** @see https://docs.gitlab.com/ci/yaml/#services */
export interface ServiceProps extends ImageProps {
  /** The name of its host. @default made of the image's name */
  readonly alias?: string | undefined
  /** @default the image's own */
  readonly command?: readonly string[] | undefined
  /** For the service alone; GitLab takes no second form of them here. */
  readonly variables?: Readonly<Record<string, string>> | undefined
}

const userName = textLike(/^.{1,255}$/, 'a string of 1 to 255 characters')
const user: Keyword<string | number> = either<number, string>(
  (value): value is number => typeof value === 'number',
  checked({ expected: 'an integer', fits: Number.isInteger }, Number),
  userName,
)
const shared = {
  name: textLike(/./, 'the name of an image'),
  entrypoint: list(text),
  pullPolicy: oneOrMany(oneOf('always', 'if-not-present', 'never')),
  docker: fields<NonNullable<ImageProps['docker']>>({ platform: textLike(/^.{1,64}$/, 'a string of 1 to 64 characters'), user: userName }),
  kubernetes: fields<NonNullable<ImageProps['kubernetes']>>({ user }),
}

export const image = textOr(fields<ImageProps>(shared, 'name'))
export const services = list(
  textOr(fields<ServiceProps>({ ...shared, alias: text, command: list(text), variables: plainVariables }, 'name')),
)
