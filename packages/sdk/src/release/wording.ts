import type { IssueFacts } from '../issue/facts.js'
import type { Wordings } from '../issue/wording.js'
import { placeOf } from '../issue/words.js'

const affixes =
  'A prefix has letters, digits and ._- and does not end with a digit or a dot; a suffix begins with a letter, - or _. Each has at most 40 characters.'
const tagHelp = {
  moving: `A tag that moves is latest, major, minor, or a word of your own such as rc; versions never move. ${affixes}`,
  version: affixes,
  second: 'An image is found by one tag that never moves: make the other a target of the same name, or leave it out.',
} as const

const misread: Readonly<Record<VerifyFacts['is'], (by: VerifyFacts['by'], kind: string | undefined) => string>> = {
  format: () => 'which does not read what it has',
  repositories: (by, kind) => `and in the kind ${kind} none of its public repositories is one for ${by === 'apt' ? 'apt' : 'yum'}`,
  keys: (by, kind) => `and in the kind ${kind} readers sign their requests with keys, which ${by} does not`,
  image: () => 'and its verify job has no image with dnf',
}
const misreadHelp: Readonly<Record<VerifyFacts['is'], string>> = {
  format: 'Packages are read by http, apt or dnf, plain files by http, images by oci. Leave verify out for the default.',
  repositories: 'apt reads aptRepository(…), dnf reads yumRepository(…). Publish there, or leave verify out.',
  keys: 'Let everybody read the packages, or leave verify out.',
  image: "Name an image with dnf and Node: verify: { by: 'dnf', image: 'registry.access.redhat.com/ubi9/nodejs-22@sha256:…' }.",
}

const artifactsOf: Readonly<Record<string, string>> = { file: 'has plain files', image: 'is a container image' }

type VerifyFacts = IssueFacts & { readonly code: 'target/verify' }
type ModuleFacts = IssueFacts & { readonly code: 'routes/module' }

const moduleWords: Readonly<Record<ModuleFacts['is'], (facts: ModuleFacts) => string>> = {
  absent: () => ', which the command does not have, and no module brings it',
  'built-in': ({ module }) => `, which the command has, so that the module ${module} cannot bring it`,
  path: ({ module }) => `, whose module ${JSON.stringify(module)} is not the path of a .mjs or .js file in the project`,
  'not-read': ({ module }) => `, whose module ${module} was not read: synth() was given no readLocal`,
  missing: ({ module }) => `, whose module ${module} is not in the project`,
  imports: ({ module, imports }) => `, whose module ${module} imports ${imports}, which is not there when a job loads it`,
}

export const releaseWording: Wordings<`routes/${string}` | `target/${string}`> = {
  'routes/twice': {
    meaning: 'Two routes of a release are for the same kind.',
    sentence: ({ kind }) => `two routes are for the kind ${kind}`,
    help: 'A kind takes a release one way: merge the two.',
  },
  'routes/foreign': {
    meaning: 'A route refers to a construct of another app.',
    sentence: ({ kind, name }) => `a route of the kind ${kind} refers to ${name}, which belongs to another app`,
    help: 'Kinds and repositories of a route are made in the same app.',
  },
  'routes/destination-twice': {
    meaning: 'A target is published to the same place twice.',
    sentence: ({ kind, repository, distribution }) =>
      `in the kind ${kind} it is published to ${repository} twice${distribution === undefined ? '' : `, for ${distribution}`}`,
    help: 'Name each repository once, and leave the target’s own distribution out of also.',
  },
  'routes/collision': {
    meaning: 'Two targets have the same file or the same tag of an image in one repository.',
    sentence: ({ kind, target, first, made, what, repository }) =>
      `in the kind ${kind}, ${target} and ${first}${placeOf(made)} both have ${what} in ${repository}`,
    help: ({ what }) =>
      what.startsWith('the tag ')
        ? 'Give one of them another name, or tags with a prefix or a suffix: { version: { suffix: "-fips" } }.'
        : 'The second would be a conflict at the seal: give one of them another distribution, repository or build.',
    action: 'Give one of them another name, distribution, repository, prefix or suffix.',
  },
  'routes/repository-name': {
    meaning: "A repository's name cannot be part of an environment's name.",
    sentence: ({ repository }) => `${repository} cannot be the name of a repository`,
    help: 'Use letters, digits, spaces and - _ / . without / at either end.',
  },
  'routes/public-without-staging': {
    meaning: 'A route publishes without staging.',
    sentence: ({ kind }) => `the route of ${kind} publishes without staging`,
    help: 'Only staged artifacts can be published: add staging to the route.',
  },
  'routes/relative-path': {
    meaning: "A repository in a directory lies in the project's folder, which the runner empties before each job.",
    severity: 'warning',
    sentence: ({ repository, directory, kind }) =>
      `in the kind ${kind}, which publishes, ${repository} is the directory ${directory}, from the project’s folder, which the runner empties before each job`,
    help: 'Give it an absolute path that all runners share. If this pipeline only rehearses, accept it: app.accept("routes/relative-path", because).',
  },
  'routes/empty': {
    meaning: 'A release has no target.',
    sentence: ({ release }) => `the release ${release} has no target`,
    help: 'Add a PackageTarget, a FileTarget or a ContainerImage, or leave the release out.',
  },
  'routes/own-project': {
    meaning: "A repository is the registry of the app's own project, and nothing says where that is.",
    sentence: ({ repository, type, gitlab, project }) =>
      project === undefined
        ? `${repository} is the ${type === 'registry' ? 'registry' : 'package registry'} of this project, and nothing says which project that is`
        : `${repository} is the registry of the project ${project} on ${gitlab}, and only that of gitlab.com has a name that is known`,
    help: ({ type, project }) =>
      project === undefined
        ? `Name the project: new App({ project: { path: 'group/project' } }), or ${type === 'registry' ? "the registry: gitlabRegistry('registry.gitlab.com/group/project')" : "here: gitlabPackages('group/project')"}.`
        : `Name the registry: gitlabRegistry('registry.example/${project}', { gitlab: 'https://gitlab.example' }).`,
    action: "Name the project, or the registry as CI_REGISTRY_IMAGE has it: gitlabRegistry('registry.example/group/project').",
  },
  'routes/page-as-staging': {
    meaning: 'A page of releases is used as a staging repository.',
    sentence: ({ repository }) => `${repository} is a staging repository, and its address is a page of releases, which is for the public`,
    help: 'Stage in generic packages: gitlabPackages().',
  },
  'routes/notes': {
    meaning: 'The file with the notes of a release is not in the project.',
    sentence: ({ repository, file }) => `the notes of ${repository} come from ${file}, and the project has no such file`,
    help: 'Write it, with a section for each version, or leave notes out: then they are the message of the tag.',
  },
  'routes/page-without-tag': {
    meaning: 'A release goes to a page of releases in a kind that is not of tags, and an entry there belongs to a tag.',
    sentence: ({ repository, kind }) =>
      `pipelines of the kind ${kind} can be without a tag, and an entry on the page of releases of ${repository} belongs to a tag`,
    help: 'Publish there in kinds of tags alone: Condition.tag(…). For others, route to gitlabPackages(…).',
  },
  'routes/page-twice': {
    meaning: 'Two entries are made for a tag on one page of releases, where it has one.',
    sentence: ({ repository, kind, entries }) =>
      `in the kind ${kind} ${entries.join(' and ')} make an entry each on the page of releases of ${repository}, where a tag has one`,
    help: 'Give each release tags of its own, or make one release of both, with one public repository for the page.',
  },
  'routes/format': {
    meaning: 'A repository does not take the packages, files or image of a target.',
    sentence: ({ target, repository, format }) =>
      `${target} ${artifactsOf[format] ?? `has packages of the format ${format}`}, which ${repository} does not take`,
    help: 'Route it to a repository for this format: packages and plain files to a directory or a page of releases, images to a registry or an OCI layout. A page lists the images of a release by itself.',
  },
  'routes/module': {
    meaning: 'The type of a repository is not known, or its module cannot be used.',
    sentence: (facts) => `the repository ${facts.repository} is of the type ${facts.type}${moduleWords[facts.is](facts)}`,
    help: 'Give its address a module, such as ./s3.mjs: one file in the project, whose default export is a RepositoryModule, and which imports nothing but node: modules. To read it, synth() needs readLocal; the command gives it.',
  },
  'target/distribution': {
    meaning: "A target's distribution is not in the form of ubuntu/jammy.",
    sentence: ({ target, distribution }) => `the target ${target} has the distribution ${distribution}`,
    help: 'A distribution is written as ubuntu/jammy or el/9: make it the id, or give distribution.',
  },
  'target/architecture': {
    meaning: "A target's architecture is not one of a package manager.",
    sentence: ({ target, architecture }) => `the target ${target} has the architecture ${architecture}`,
    help: 'An architecture is written as amd64, x86_64 or all.',
  },
  'target/image-depth': {
    meaning: "An image's name is too deep for the registry of the project: GitLab takes two names below the project's path.",
    sentence: ({ target, repository, image, project }) =>
      `the target ${target} has the image ${image} in ${repository}, which is more than two names below the project ${project}`,
    help: 'GitLab gives no token for such a name. Shorten the name of the image, or what stands before it in the address.',
  },
  'target/image-name': {
    meaning: "An image's name does not follow the grammar of registries.",
    sentence: ({ target, name }) => `the target ${target} has the image name ${JSON.stringify(name)}`,
    help: 'Names of images are lower-case letters, digits and . _ - between them, in parts that / separates. Give the target a name.',
  },
  'target/verify': {
    meaning: 'A target is read back by a client that cannot read it.',
    sentence: ({ target, by, is, kind }) => `the target ${target} is read back by ${by}, ${misread[is](by, kind)}`,
    help: ({ is }) => misreadHelp[is],
    action: 'Choose another client, another repository, or an image that has the client.',
  },
  'target/platform': {
    meaning: 'A platform is not in the form of linux/amd64.',
    sentence: ({ target, platform }) => `the target ${target} has the platform ${JSON.stringify(platform)}`,
    help: 'Write platforms as linux/amd64 or linux/arm64/v8.',
  },
  'target/tag': {
    meaning: 'A tag of an image cannot be set, could be a version, or is a second version.',
    sentence: ({ target, tag, is }) =>
      is === 'second'
        ? `the target ${target} has a second tag for its version, ${JSON.stringify(tag)}`
        : `the target ${target} has the ${is === 'moving' ? 'moving tag' : 'tag'} ${JSON.stringify(tag)}`,
    help: ({ is }) => tagHelp[is],
    action: 'Correct the tag, its prefix or its suffix; name the version once.',
  },
  'target/packages': {
    meaning: 'A target does not say where its build leaves packages.',
    sentence: ({ target }) => `the target ${target} does not say where its build leaves packages`,
    help: 'Give packages a glob, such as dist/*.deb.',
  },
  'target/files': {
    meaning: 'A target does not say where its build leaves files.',
    sentence: ({ target }) => `the target ${target} does not say where in the project its build leaves files`,
    help: 'Give files a glob from the project’s folder, such as out/*, without .. in it.',
  },
  'target/path': {
    meaning: 'The folder that a target’s files are published in cannot be part of an address.',
    sentence: ({ target, folder }) => `the target ${target} has the path ${JSON.stringify(folder)}`,
    help: 'Give path a folder such as acme/{version}: letters, digits and ._+~^@=-, which no part begins with, and no slash at the start.',
  },
}
