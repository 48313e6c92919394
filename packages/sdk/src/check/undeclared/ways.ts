/** A well-known way in which a line of a script makes something public. */
export interface PublishingCommand {
  /** As a clause: `it pushes an image`. */
  readonly way: string
  readonly pattern: RegExp
  /** Commands that look alike and publish nothing. */
  readonly except?: RegExp
  /** The condition under which the way ends in public. */
  readonly premise: string
  /** Common for other purposes too: good enough for a guess, but not for a warning. */
  readonly onlyGuess?: true
}

const image = { way: 'it pushes an image', premise: 'the registry that it pushes to is public' }
const packaged = { way: 'it publishes a package', premise: 'the repository that it uploads to is public' }
const bucket = { way: 'it copies files to a bucket', premise: 'the bucket is public' }
const index = { way: 'it changes a package repository', premise: 'the repository is public' }
const release = { way: 'it creates a release with files', premise: 'the project that the release belongs to is public' }
const gradle = String.raw`\bgradlew?(?:\.bat)?\s+(?:\S+\s+)*?:?(?:[\w-]+:)*`
/** An entry on a page of releases, without files. */
export const entryWay = 'it creates a release'
/** The end of a command whose target is a file or a daemon of the job. */
const toFile = String.raw`\s(?:dir|oci(?!:\/\/)|oci-archive|docker-archive|docker-daemon|containers-storage):\S+\s*$`
/** The name of a target or a script that publishes. */
const called = String.raw`(?!\S*(?:test|check|lint|dry|coverage|cache|report|symbols|sourcemaps|logs))(?:[^\s'"=]*[-_:./])?(?:publish|push|upload)(?:[-_:./][^\s'"=.]*)?`
const starter = String.raw`(?:(?:if|then|else|do|!|time|sudo|exec)\s+)*(?:(?:bash|sh|python3?|ruby|node|pwsh|perl|source|\.)\s+(?:-\S+\s+)*)?`
/** Packages and programs, by their names. */
const shipped = String.raw`\.(?:deb|rpm|apk|aab|ipa|whl|tgz|tar\.\w+|zip|jar|gem|nupkg|exe|msi|dmg|pkg|snap|AppImage)\b`

/** Commands that usually publish packages and images, and calls of GitLab's API that do so. */
export const commandWays: readonly PublishingCommand[] = [
  {
    ...image,
    pattern:
      /\b(?:docker|docker-compose|podman|nerdctl|buildah|img|oras|regctl image|crane|helm|singularity|apptainer|flux|ko)\s+(?:\S+\s+)*?(?:cm-)?push(?![\w.-])/,
    except: new RegExp(String.raw`${toFile}|\b(?:docker|podman|nerdctl)\s+build\s`),
  },
  {
    ...image,
    pattern:
      /\b(?:buildx\s+build|buildx\s+bake|nerdctl\s+build|podman\s+build|docker\s+build)\b.*\s--push\b|\bskopeo\s+(?:copy|sync)\b|\bregctl\s+image\s+copy\b|\bcrane\s+(?:cp|copy|tag)\b|\boras\s+(?:cp|copy|tag)\b|\bcosign\s+copy\b|\bbuildx\s+imagetools\s+create\b/,
    except: new RegExp(String.raw`${toFile}|\s--push=false\b|\s--to-oci-layout\b`),
  },
  {
    ...image,
    pattern: new RegExp(
      String.raw`/kaniko/executor\b.*\s(?:--destination|-d)\b|\bexecutor\b.*--destination|\b(?:buildctl|buildx)\b.*(?:\s-o|output)[= ]\S*(?:push=true|type=registry)|\bko\s+(?:build|publish|apply)\b|\bjib:build\b|${gradle}jib(?=\s|$)`,
    ),
    except: /\s--(?:no-push|tar-?path|local|push=false)\b/,
  },
  {
    ...image,
    pattern:
      /\bpack\s+build\b.*\s--publish\b|\bearthly\b.*\s--push\b|\bbazel(?:isk)?\s+run\b.*[:/_.-](?:push|publish)|\bgcloud\s+builds\s+submit\b|\baz\s+acr\s+build\b/,
    except: /\s--no-push\b/,
  },
  {
    ...packaged,
    pattern:
      /\b(?:npm|pnpm|bun|yarn|yarn\s+npm|lerna|changesets?(?:\/cli)?|deno|jsr|cargo|poetry|uv|hatch|flit|pdm|maturin|opam|dart\s+pub|flutter\s+pub|vsce|ovsx|ansible-galaxy|vagrant\s+cloud)\s+(?:\S+\s+)*?publish(?![\w.-])/,
    except: /\s(?:test|ci|install|i|add)\s/,
  },
  {
    ...packaged,
    pattern:
      /\btwine\s+upload\b|\bgem\s+push\b|\b(?:dotnet\s+)?nuget\s+push\b|\bchoco\s+push\b|\bconan\s+upload\b|\b(?:package_cloud|cloudsmith)\s+(?:push|promote)\b|\bpod\s+(?:trunk|repo)\s+push\b/,
  },
  {
    ...packaged,
    pattern:
      /\bmvnw?\s+(?:\S+\s+)*?(?:deploy(?::[\w-]+)?|site[:-]deploy|release:perform)(?=\s|$)|\blein\s+deploy\b|\bgoreleaser\s+(?:release|--clean|--rm-dist)\b|^goreleaser\s*$|\bgit\.io\/goreleaser\b|\bgoreleaser\.com\/static\/run\b|\b(?:semantic[-_]release|release-it|auto\s+shipit)\b|\bmix\s+hex\.publish\b/,
    except:
      /\s(?:--snapshot|--skip[= ]\S*publish|--skip-publish)\b|=\S*\bfile:|\b(?:install|add|i)\s+\S*\s*.*\b(?:semantic[-_]release|release-it)\b/,
  },
  {
    ...packaged,
    pattern: new RegExp(
      String.raw`${gradle}(?:publish(?!\S*ToMavenLocal)(?:[A-Z]\w*)?|closeAndRelease\w*|jreleaser(?:FullRelease|Release|Deploy|Publish|Upload))(?=\s|$)|\bjreleaser\s+(?:full-release|release|deploy|publish|upload)\b|\bsbt\s(?:.*[\s;"'+/])?(?:publish(?!Local|M2)\w*|ci-release)\b|\bnx\s+release(?!\s+(?:version|changelog|plan))\b|\bcargo\s+release\b.*\s(?:--execute|-x)\b|\belectron-builder\b.*\s(?:-p|--publish)[= ](?!never)`,
    ),
  },
  {
    ...packaged,
    pattern:
      /\bsetup\.py\s+(?:\S+\s+)*?upload\b|\b(?:anaconda|cabal|stack|luarocks|maturin|cr)\s+(?:\S+\s+)*?upload\b|\bsnapcraft\s+(?:upload|push|release)\b|\b(?:dput|dupload|cpan-upload)\s+\S|\bosc\s+(?:commit|ci)\b|\beas\s+submit\b|\bPublish-Module\b|\b(?:jf|jfrog)\s+rt\s+(?:u|upload)\b|\brake\s+release(?![\w:-])|\bcopr(?:-cli)?\s+build\b/,
  },
  { ...packaged, pattern: /\bfastlane\s+(?:\S+\s+)*?(?:supply|deliver|pilot|upload_to_\w+)\b|\baltool\s+(?:\S+\s+)*?--upload-\w+/ },
  {
    ...index,
    pattern: /\baptly\s+(?:\S+\s+)*?publish\s+(?:repo|snapshot|update|switch)\b|\breprepro\s+(?:\S+\s+)*?include(?:deb|dsc|udeb)?\b/,
  },
  { ...index, pattern: /\b(?:deb-s3|rpm-s3)\s+upload\b|\bpulp\s+(?:\S+\s+)*?content\s+upload\b/ },
  {
    ...bucket,
    pattern:
      /\bs3\s+(?:cp|mv|sync)\s+(?!["']?s3:)\S.*\s["']?s3:\/\/|\bs3\s+(?:cp|mv|sync)\s+["']?s3:\/\/\S+\s+["']?s3:\/\/|\bs3api\s+put-object\b|\bs3cmd\s+(?:\S+\s+)*?(?:put|sync)\b.*\bs3:\/\//,
  },
  { ...bucket, pattern: /\b(?:gsutil|gcloud\s+storage)\s+(?:\S+\s+)*?(?:cp|mv|rsync)\s+(?!["']?gs:)\S.*\s["']?gs:\/\// },
  { ...bucket, pattern: /\baz\s+storage\s+blob\s+upload(?:-batch)?\b/ },
  {
    ...bucket,
    pattern:
      /\b(?:s5cmd|ossutil\w*|b2)\s+(?:\S+\s+)*?(?:cp|mv|sync)\s.*\s["']?(?:s3|oss|b2):\/\/|\bazcopy\s+(?:cp|copy|sync)\s+(?:-\S+\s+)*(?!["']?https:)\S+\s+["']?https:|\brclone\s+(?:copy|copyto|sync|move)\s+(?:-\S+\s+)*(?!-|\S+:)\S+\s+["']?[\w$]\S*:|\bmc\s+(?:cp|mirror|mv)\s.*\s["']?(?![./~$])[\w-]+\/\S+\s*$/,
    onlyGuess: true,
  },
  {
    ...release,
    pattern: /\b(?:gh|glab|hub|tea)\s+releases?\s+(?:create|upload)\b|\bglab\s+repo\s+publish\b|\bghr\s+-|\brelease-cli\b.*--assets-link/,
  },
  {
    ...release,
    way: entryWay,
    pattern:
      /\brelease-cli\s+(?:\S+\s+)*?create\b|\bcurl\b(?=.*\s(?:-X\s?POST|--request[ =]POST|-d|--data\S*|--json|-F|--form)\s).*\/releases(?=["'\s?]|$)|\bcurl\b(?=.*\s(?:-X\s?|--request[ =])(?:POST|PUT)\s).*\/projects\/[^\s"'/]+\/releases(?:\/|(?=["'\s?]|$))/,
    onlyGuess: true,
  },
  {
    way: 'it uploads to a package registry of GitLab',
    pattern: /\/packages\/(?:generic|maven|npm|pypi|nuget|conan|composer|debian|helm|rubygems|terraform|ml_models)\b/,
    except: readersOfRegistries(),
    premise: 'the project’s package registry is public',
  },
  {
    way: 'it starts a job or a pipeline through the API',
    pattern: /\/jobs\/[^\s/]+\/play\b|\/trigger\/pipeline\b|\/ref\/[^\s/]+\/trigger\/pipeline\b/,
    premise: 'that job or pipeline publishes',
  },
  {
    way: 'it uploads a file',
    pattern: new RegExp(
      String.raw`\bcurl\b.*\s(?:-T|--upload-file)[\s=]\S|\bcurl\b(?=.*\s(?:-X\s?|--request[ =])PUT\b).*\s(?:-d|--data\S*)[ =]["']?@|\bcurl\b.*\s(?:-F|--form)[ =]["']?[\w[\]-]+=@\S*${shipped}|\bInvoke-(?:WebRequest|RestMethod)\b.*\s-InFile\b`,
      'i',
    ),
    premise: 'the server that it uploads to is public',
    onlyGuess: true,
  },
  {
    way: 'it copies files to a server',
    pattern: /\b(?:rsync|scp)\s(?:.*\s)?["']?[^\s:"'=-][^\s:"']*:\S*(?:\s+-\S+)*\s*$|\blftp\b.*\b(?:mirror\s+(?:-\w*R|--reverse)|m?put\s)/,
    premise: 'users install from that server',
    onlyGuess: true,
  },
  {
    way: 'it deploys a site',
    pattern:
      /\bmkdocs\s+gh-deploy\b|\bmike\s+deploy\b.*\s--push\b|\bgh-pages\s+(?:\S+\s+)*?(?:-d|--dist)\b|\bnetlify\s+deploy\b.*\s--prod\b|\bvercel\b.*\s--prod\b|\bfirebase\s+deploy\b|\bwrangler\s+(?:pages\s+)?(?:deploy|publish)\b/,
    premise: 'the site is public',
    onlyGuess: true,
  },
  {
    way: 'it calls a script or a target with that name',
    pattern: new RegExp(
      String.raw`\b(?:make|task|just|mage|invoke|rake|nox|tox|composer)\s+(?:\S+\s+)*?${called}(?=\s|$)|\bfastlane\s+(?:\S+\s+)*?(?:release|beta)(?=\s|$)|^${starter}["']?${called}\.(?:sh|py|rb|m?js|ps1|pl)\b`,
    ),
    except: /\s(?:-n|--just-print)\s/,
    premise: 'it does what its name suggests',
    onlyGuess: true,
  },
]

/** Commands that name a package registry to download from it. */
function readersOfRegistries(): RegExp {
  const installs =
    /\b(?:pip3?|uv|poetry|npm|pnpm|yarn|nuget|composer|bundle|conan|helm|gem)\s+(?:\S+\s+)*?(?:install|add|sync|lock|ci|config|sources?|download|require|remote|repo)\b|--(?:extra-)?index-url\b|\b_authToken=|\bregistry=/
  const downloads =
    /^(?!.*\s(?:-T|-F|-X|-d|--upload-file|--form|--request|--data\S*)[\s=]).*\b(?:curl\b.*\s(?:-\w*[oO]|--output|--remote-name)\b|wget\s)/
  return new RegExp(`${installs.source}|${downloads.source}`)
}
