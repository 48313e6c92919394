/** The meaning of an error code, and the action to take. The error's own message has the details. */
export interface ErrorCode {
  /** One sentence. */
  readonly meaning: string
  /** One sentence: what to do. */
  readonly action: string
}

const rerun = 'Run the job again; it sends only what is missing.'
const correct = 'Correct the value that the message names.'
const report = 'Look at the server; if it works as it should, report this as a bug.'
const person = 'A person must look before anything goes on.'
const rebuild = 'Build the package again, or take it out of the target.'
const restage = 'Run the stage and seal jobs again.'

/**
 * Every code of an error or of a problem in a receipt. Codes are stable. A repository of your own may use codes of its own.
 *
 * @example
 * errorCodes['content/conflict'].action
 */
export const errorCodes: Readonly<Record<string, ErrorCode>> = {
  'announce/incomplete': {
    meaning: 'Something of the release is not public yet, or it is not known. Nothing was announced.',
    action: 'Run the publish job of what is missing, then this job again.',
  },
  'author/exception': { meaning: 'pipeline.ts threw an error.', action: 'Correct the line that the message names.' },
  'call/timeout': { meaning: 'A repository did not answer in time.', action: rerun },
  'content/conflict': {
    meaning: 'Other bytes are public under this name. Nothing was sent.',
    action: 'Find out which file is right; publish the other under a new version.',
  },
  'client/not-listed': {
    meaning: 'A package manager does not find a package that Stagegate’s own reader finds.',
    action: 'Look whether a cache stands before the repository; then run the verify job again.',
  },
  'client/other-bytes': {
    meaning: 'A package manager and Stagegate’s own reader were given different bytes.',
    action: 'Find out what stands between the repository and its users: a cache, or a second server.',
  },
  'client/refused': {
    meaning: 'A package manager does not take an index, or a package, that Stagegate’s own reader takes.',
    action: 'Follow its own words, which the message quotes.',
  },
  'content/gone': {
    meaning: 'A receipt says that the file was public, and it is gone.',
    action: 'Find out who removed it, then publish again.',
  },
  'content/image-refused': {
    meaning: 'An image, or something attached to it, may not or cannot be copied.',
    action: 'Follow the message: it names the manifest and the way out.',
  },
  'content/left-behind': { meaning: 'A destination took no bytes for so long that the others went on without it.', action: rerun },
  'content/mismatch': { meaning: 'Staged bytes do not have the sealed digest.', action: person },
  'content/not-there': { meaning: 'A staged file, or a part of an image, is gone.', action: restage },
  'deployment/contended': { meaning: 'Several jobs changed the record of one deployment at the same time.', action: rerun },
  'deployment/stopped': {
    meaning: 'The job was stopped before its pipeline was known.',
    action: 'Run the job again; it looks for the pipeline first.',
  },
  'directory/not-a-file': {
    meaning: 'A repository has a folder or a device where a file belongs.',
    action: 'Remove it, then run the job again.',
  },
  'directory/outside': { meaning: 'A path leads out of the repository’s folder.', action: correct },
  'document/invalid': {
    meaning: 'A document cannot be read, or has another form than expected.',
    action: 'Make the document again with the job that writes it.',
  },
  'gate/altered': { meaning: 'The manifest is not the one that was sealed or approved.', action: person },
  'gate/approval': {
    meaning: 'Nobody approved this release, or somebody approved another one.',
    action: 'Start the approve job of this pipeline.',
  },
  'gate/collision': {
    meaning: 'Two targets would publish to the same place.',
    action: 'Give one of them another distribution, name or repository.',
  },
  'gate/deployment-mismatch': {
    meaning: 'The notes of a deployment say something that the other GitLab does not confirm.',
    action: 'Look there, then say --resume or --start-again.',
  },
  'gate/deployment-refused': {
    meaning: 'GitLab refused to start the other project’s pipeline.',
    action: 'Correct what the message names, then run the job again.',
  },
  'gate/deployment-twice': { meaning: 'Several pipelines of the other project have the key of one deployment.', action: person },
  'gate/deployment-undecided': {
    meaning: 'Nobody knows whether the other project’s pipeline was started.',
    action: 'Look there, then say --resume or --start-again.',
  },
  'gate/deployment-unreadable': {
    meaning: 'The pipelines of the other project cannot be read.',
    action: 'Give the job a token that may read them.',
  },
  'gate/endless-list': { meaning: 'A list of GitLab’s goes on without end.', action: person },
  'gate/expired': { meaning: 'The hold of the release has ended.', action: 'Stage and seal it again under a new version.' },
  'gate/foreign-note': {
    meaning: 'Another pipeline, or nobody’s job, has written a note of a deployment.',
    action: 'Find out who, delete the file that the message names, then run the job again.',
  },
  'gate/forged-record': {
    meaning: 'The record of a version was put there by somebody else than the pipeline that it names.',
    action: 'Find out who, delete the file that the message names, then run the job again.',
  },
  'gate/hidden-record': {
    meaning: 'The record of a version is hidden in the package registry.',
    action: 'Show it again as the message says, and find out who hid it.',
  },
  'gate/identity': { meaning: 'GitLab does not confirm that this is a running job.', action: 'Run the command in its own job.' },
  'gate/leftovers': {
    meaning: 'A job’s folder has a file that no job it needs has left.',
    action: 'See that the runner empties the folder of each job.',
  },
  'gate/lost-record': {
    meaning: 'A document shows that the version was sealed, and its record is gone.',
    action: 'Find out who deleted the record; release under a new version.',
  },
  'gate/manifest': { meaning: 'The manifest was sealed for another pipeline.', action: 'Use the manifest of this pipeline’s seal job.' },
  'gate/no-manifest': { meaning: 'There is no release manifest.', action: 'Run the seal job first.' },
  'gate/not-as-sealed': { meaning: 'A public file or image has other bytes than the sealed ones. Nothing was announced.', action: person },
  'gate/not-in-staging': { meaning: 'Staging lacks something that was staged.', action: 'Run the stage jobs again, then the seal job.' },
  'gate/not-passed': {
    meaning: 'A job before the gate has run again and has not passed.',
    action: 'Run that job again; publish when it has passed.',
  },
  'gate/not-sealed': {
    meaning: 'No seal is recorded for this version, or its record was deleted.',
    action: 'Find out who deleted it, then run the seal job again.',
  },
  'gate/not-staged': { meaning: 'A target has no staging record.', action: 'Run its stage job first.' },
  'gate/nothing': { meaning: 'There is nothing to seal.', action: 'Check which targets the kind stages.' },
  'gate/plan': {
    meaning: 'A document belongs to another plan, or the plan does not make it.',
    action: 'Use the plan and the documents of one pipeline.',
  },
  'gate/record': { meaning: 'A recorded seal cannot be read, or is not a Stagegate record.', action: person },
  'gate/records': {
    meaning: 'GitLab’s package registry refuses the record of the seal.',
    action: 'Enable the package registry, and give the job access.',
  },
  'gate/ref': {
    meaning: 'No kind of the plan is for this tag or branch.',
    action: 'Run the job in a pipeline of a kind that the plan has.',
  },
  'gate/release-entry': { meaning: 'A release entry of GitLab has another asset or another commit than it should.', action: person },
  'gate/release-refused': {
    meaning: 'GitLab refuses a release entry, or one of its assets.',
    action: 'Follow the message: it names the right, the tag or the asset.',
  },
  'gate/role': { meaning: 'A manifest uses a repository in another role than the plan.', action: person },
  'gate/sealed-before': { meaning: 'The version was sealed before, with other content.', action: 'Release under a new version.' },
  'gitlab/lint-refused': {
    meaning: 'GitLab did not judge a pipeline.',
    action: 'Correct the address, the project or the token that the message names.',
  },
  'gitlab/refused': {
    meaning: 'GitLab refused a request, or something before it did.',
    action: 'Read the status and GitLab’s words; correct the token, the project or the setting that they name.',
  },
  'gitlab/unavailable': { meaning: 'GitLab did not answer as it should.', action: rerun },
  'gitlab/unexpected-answer': { meaning: 'GitLab gave an answer that its API does not have.', action: report },
  'host/given-up': { meaning: 'A server gave no good answer for too long.', action: rerun },
  'host/trouble': { meaning: 'A server is in trouble.', action: rerun },
  'http/coding': { meaning: 'A body came in a coding that nobody asked for.', action: report },
  'http/credential': { meaning: 'The program’s function that fetches a secret failed; nothing was sent.', action: rerun },
  'http/early-success': { meaning: 'A server claimed success before it had all bytes.', action: rerun },
  'http/failed': { meaning: 'No answer came, or one that is not HTTP.', action: rerun },
  'http/proxy': {
    meaning: 'The proxy cannot be reached, or refused the connection.',
    action: 'Correct the proxy’s address or account, or let it reach the host.',
  },
  'http/redirect': { meaning: 'A redirect leads somewhere that is not followed.', action: report },
  'http/reset': { meaning: 'The connection broke.', action: rerun },
  'http/short': { meaning: 'A download ended before its length.', action: rerun },
  'http/timeout': { meaning: 'An answer, or a part of it, did not come in time.', action: rerun },
  'http/tls': {
    meaning: 'The server’s certificate is not trusted, or TLS failed.',
    action: 'Correct the certificate, or pass its authority as ca.',
  },
  'http/too-long': { meaning: 'An answer is longer than its limit.', action: report },
  'http/unreachable': { meaning: 'No connection to the server.', action: rerun },
  'image/tag-contested': { meaning: 'Others keep moving a tag while this job moves it.', action: rerun },
  'job/stopped': { meaning: 'The job was cancelled.', action: rerun },
  'job/time-over': { meaning: 'The job’s time is nearly over.', action: rerun },
  'layout/broken': { meaning: 'An OCI layout lacks parts that its index names.', action: 'Write the layout again.' },
  'layout/locked': { meaning: 'Another process is writing the OCI layout.', action: rerun },
  'package/contradiction': { meaning: 'A package contradicts its target.', action: rebuild },
  'package/malformed': { meaning: 'A package is damaged, or can be read in two ways.', action: rebuild },
  'package/not-a-package': {
    meaning: 'A file of a PackageTarget is neither a .deb nor an .rpm.',
    action: 'Narrow the target’s globs; release other files by a FileTarget.',
  },
  'package/other-version': {
    meaning: 'A package is of another version than the release, which its target does not allow.',
    action: rebuild,
  },
  'package/source-package': { meaning: 'An rpm is a source package.', action: 'Narrow the target’s globs.' },
  'package/too-large': { meaning: 'A package’s control data is larger than its limit.', action: rebuild },
  'package/unreadable': { meaning: 'A package file cannot be read.', action: rebuild },
  'package/unsupported': { meaning: 'A package uses a format that Stagegate cannot read.', action: rebuild },
  'package/wrong-architecture': {
    meaning: 'A package is for another architecture than its target.',
    action: 'Narrow the target’s globs, or correct its architecture.',
  },
  'package/wrong-extension': { meaning: 'A package’s name ends like another format.', action: 'Let the build give it the right name.' },
  'package/wrong-file-name': { meaning: 'A package’s file name contradicts its content.', action: 'Find out which of the two is right.' },
  'package/wrong-format': {
    meaning: 'A package is of another format than its distribution installs.',
    action: 'Narrow the target’s globs.',
  },
  'package/wrong-release': {
    meaning: 'An rpm was built for another distribution.',
    action: 'Narrow the target’s globs, or correct the distribution.',
  },
  'place/unwritable': { meaning: 'A document cannot be written now.', action: 'Make room for it, then run the job again.' },
  'place/unwritten': {
    meaning: 'The work is done, and its document could not be written.',
    action: 'Make room, then run the job again: it repeats nothing and writes the document.',
  },
  'records/not-listed': { meaning: 'GitLab accepted a record and does not list it.', action: rerun },
  'records/unreadable': { meaning: 'A record that was there cannot be read.', action: person },
  'repository/ambiguous': { meaning: 'A repository has several different files under one name.', action: person },
  'repository/being-deleted': { meaning: 'Somebody has deleted a package, and its files can still be read for a while.', action: rerun },
  'repository/forbidden': {
    meaning: 'The credential may not do this.',
    action: 'Give the account the permission, or use another credential.',
  },
  'repository/index-broken': {
    meaning: 'A repository’s index contradicts its files.',
    action: 'Have the repository write its index again.',
  },
  'repository/index-ahead': {
    meaning: 'An index is dated in the future, and clients take no older one.',
    action: 'Wait for that time; or write the index anew by hand, and correct the clock that dated it.',
  },
  'repository/index-changed': { meaning: 'Other writers changed an index first, again and again.', action: rerun },
  'repository/index-fixed': {
    meaning: 'An index would get another origin or label, which clients that know it refuse.',
    action: 'Write the value that the index has, or leave it away.',
  },
  'repository/index-gone': {
    meaning: 'An index is gone, and a new one would hide all that it listed.',
    action: 'Bring back the last one from a backup, or from the versions of the bucket.',
  },
  'repository/index-old': {
    meaning: 'A suite has a Release file and no InRelease.',
    action: 'Sign the Release file as InRelease once, as the message says.',
  },
  'repository/index-unsigned': {
    meaning: 'An index has no signature, so nobody knows who wrote it.',
    action: 'Look at it, and sign it once, as the message says.',
  },
  'repository/job-over': { meaning: 'GitLab does not take the job’s token any more: the job is over, or was cancelled.', action: rerun },
  'repository/no-digest': { meaning: 'A registry does not say which manifest a tag has.', action: report },
  'repository/no-referrers': {
    meaning: 'A registry has no place for the list of signatures and SBOMs.',
    action: 'Follow the message: it names the tag that is in the way.',
  },
  'repository/no-such-image': {
    meaning: 'A registry has no place for this image.',
    action: 'Create the repository there, or correct the address.',
  },
  'repository/not-found-or-not-authorised': {
    meaning: 'The repository does not exist, or the credential may not see it.',
    action: 'Check the repository’s name and the credential.',
  },
  'repository/not-listed': { meaning: 'A server accepted a file and does not list it.', action: rerun },
  'repository/not-private': {
    meaning: 'Anybody can read what would be staged there.',
    action: 'Stage in a private project or bucket, or show what is there to members alone.',
  },
  'repository/not-served': { meaning: 'A server does not deliver a file that it lists.', action: rerun },
  'repository/not-there': { meaning: 'A file is not in the repository yet.', action: rerun },
  'repository/other-package': { meaning: 'A package says that it is another one than was sealed.', action: restage },
  'repository/payment-required': {
    meaning: 'The account’s plan does not allow this.',
    action: 'Make room in the account, or change its plan.',
  },
  'repository/protected': { meaning: 'A rule of the repository protects the package.', action: 'Change the rule, or use another token.' },
  'repository/put-off': { meaning: 'A server asks to be asked again later.', action: rerun },
  'repository/realm': {
    meaning: 'A registry names a token issuer that the plan does not trust.',
    action: 'Name the issuer in the repository’s address, if it is the right one.',
  },
  'repository/refused': { meaning: 'A server refuses this for good.', action: 'Correct what the server says, then run the job again.' },
  'repository/retry-later': { meaning: 'A server is in trouble.', action: rerun },
  'repository/threw': {
    meaning: 'A repository threw an error without a code of the form area/name.',
    action: 'Look at the message and its causes; a bug of a repository of your own is corrected there.',
  },
  'repository/too-large': {
    meaning: 'A server refuses a body of this size.',
    action: 'Raise the server’s limit, or make the artifact smaller.',
  },
  'repository/unauthorized': {
    meaning: 'The credential was refused.',
    action: 'Check the variable’s value; GitLab expands $ in values unless Expand is off.',
  },
  'repository/unexpected-answer': { meaning: 'A server gave an answer that its API does not have.', action: report },
  'repository/unknown-distribution': { meaning: 'A server does not know the distribution.', action: 'Correct the target’s distribution.' },
  'repository/unreadable': { meaning: 'A repository’s folder cannot be read.', action: correct },
  'repository/unsupported': { meaning: 'A repository cannot do this.', action: 'Route the target to a repository that can.' },
  'repository/upload-elsewhere': { meaning: 'A registry wants the upload to go to another host.', action: report },
  'run/cancelled': { meaning: 'The program that called stopped the run.', action: 'Run it again; it sends only what is missing.' },
  'run/not-ended': { meaning: 'The job was killed before it knew what became of this.', action: rerun },
  'signing/bad-signature': {
    meaning: 'A signature of a known key is over other content.',
    action: 'Find out who changed the index; clients refuse it, and nothing replaces it.',
  },
  'signing/key-cannot-sign': {
    meaning: 'The owner of a signing key did not allow it to sign.',
    action: 'Add a subkey that may, and export the key again.',
  },
  'signing/key-damaged': { meaning: 'The parts of a signing key do not belong together.', action: 'Export the key again.' },
  'signing/key-expired': {
    meaning: 'A signing key has expired.',
    action: 'Extend it as the message says, export it again, and give clients the new certificate.',
  },
  'signing/key-missing': { meaning: 'An index is to be signed, and no key was given.', action: 'Give the secret key.' },
  'signing/key-new-format': {
    meaning: 'A signing key has a form that GnuPG 2.2 cannot read.',
    action: 'Make a key of version 4, as the message says.',
  },
  'signing/key-no-certificate': {
    meaning: 'A text that should hold certificates does not.',
    action: 'Give the output of gpg --armor --export.',
  },
  'signing/key-not-secret': {
    meaning: 'A certificate stands where a secret key belongs, or its secret part was taken away.',
    action: 'Give the output of gpg --armor --export-secret-keys.',
  },
  'signing/key-not-yet': { meaning: 'A signing key is younger than what it should sign.', action: 'Check the clocks of both machines.' },
  'signing/key-passphrase': { meaning: 'The passphrase of a signing key is missing or wrong.', action: correct },
  'signing/key-revoked': { meaning: 'The owner of a signing key revoked it.', action: 'Sign with another key.' },
  'signing/key-several': {
    meaning: 'A text has several signing keys, or a key was given twice.',
    action: 'Export each key on its own.',
  },
  'signing/key-unreadable': {
    meaning: 'A text is not one armoured OpenPGP key.',
    action: 'Store the output of gpg --armor --export-secret-keys, with all of its lines.',
  },
  'signing/key-weak': {
    meaning: 'A signing key has an algorithm or a length that apt refuses, or soon will.',
    action: 'Make an Ed25519 key, and sign with both until every client has its certificate.',
  },
  'signing/key-weak-digest': {
    meaning: 'The own signatures of a signing key use SHA-1, which apt of Debian 13 refuses.',
    action: 'Renew them as the message says, and give clients the new certificate.',
  },
  'signing/malformed': {
    meaning: 'An index is not exactly one signed document, or its signature cannot be read.',
    action: 'Find out who wrote it; clients refuse it, and nothing replaces it.',
  },
  'signing/not-confirmed': { meaning: 'A signature that was just made does not hold.', action: 'Export the secret key again.' },
  'signing/unknown-signer': {
    meaning: 'No known key has signed an index.',
    action: 'Give the certificate of the key that signed it, or find out who did.',
  },
  'signing/unsignable': {
    meaning: 'An index has text in it that clients could not read back.',
    action: 'Leave out what the message names.',
  },
  'signing/worthless-signature': {
    meaning: 'A known key has signed an index in a way that apt does not accept.',
    action: 'Sign it again, with a key and a digest that apt accepts.',
  },
  'staging/conflict': {
    meaning: 'Staging has other bytes under this name.',
    action: 'Build under a new version, or find out which build is right.',
  },
  'staging/incomplete': { meaning: 'Not everything is in staging yet.', action: rerun },
  'staging/refused': { meaning: 'Staging refuses something for good.', action: 'Correct what the message names, then run the job again.' },
  'staging/unknown': { meaning: 'Nobody can tell whether staging has everything.', action: rerun },
  'staging/unread': { meaning: 'Staging was not asked, since the run ended before.', action: rerun },
  'store/changed-outside': { meaning: 'A file that Stagegate moves was changed by something else.', action: person },
  'store/clock': {
    meaning: 'The clocks of this machine and of the server are too far apart for signatures.',
    action: 'Set the clock of the machine.',
  },
  'store/no-preconditions': {
    meaning: 'A server ignores or does not know the conditions of a write, so that it would overwrite.',
    action: 'Use a server that heeds If-None-Match and If-Match.',
  },
  'store/no-such-bucket': { meaning: 'There is no bucket of this name.', action: 'Create it, or correct its name or its endpoint.' },
  'store/path': { meaning: 'A path does not lead to one file in every store.', action: 'Publish the file under another path.' },
  'store/region': { meaning: 'A bucket is in another region.', action: 'Write the region that the message names.' },
  'store/session-over': { meaning: 'Temporary credentials have expired.', action: rerun },
  'store/web-identity': {
    meaning: 'A server gives no keys for the ID token of a job.',
    action: 'Compare the trust policy of the role with the token: its issuer, its audience, its project and its tag.',
  },
  'usage/asset-path': { meaning: 'GitLab takes no asset at such a path.', action: 'Use letters, digits and _-./ in the path.' },
  'usage/baseline': { meaning: 'A file is no baseline of audit.', action: 'Write it again with --update-baseline.' },
  'usage/body': { meaning: 'A request was given a body that it cannot have.', action: correct },
  'usage/ca': { meaning: 'ca is not PEM text of certificates.', action: correct },
  'usage/client-certificate': { meaning: 'A client certificate or its key is missing, or cannot be read.', action: correct },
  'usage/count': { meaning: 'An option is not a count.', action: correct },
  'usage/credential': {
    meaning: 'A credential has no scheme that is known, or a secret that is neither a variable nor a value.',
    action: 'Name the variable of the secret, or give it as { value }.',
  },
  'usage/dangling-link': { meaning: 'A built file is a link whose target does not exist.', action: 'Let the build leave the file itself.' },
  'usage/deadline': { meaning: 'A deadline is not a number of seconds.', action: correct },
  'usage/deployment': { meaning: 'The plan has no such deployment for this command.', action: correct },
  'usage/digest': { meaning: 'An option is not a sha256.', action: correct },
  'usage/distribution': {
    meaning: 'The plan does not say which distribution a target is for.',
    action: 'Give the target a distribution, and synth again.',
  },
  'usage/elsewhere': {
    meaning: 'A rehearsal, or plain http, was led to another machine.',
    action: 'Let the server of the rehearsal answer on this machine.',
  },
  'usage/event': { meaning: 'No pipeline exists for the event.', action: correct },
  'usage/file': { meaning: 'There is no such pipeline file.', action: correct },
  'usage/file-empty': { meaning: 'A file to release is empty.', action: 'Correct the build, or leave the file out of the target.' },
  'usage/file-name': {
    meaning: 'A file has a name under which it cannot be published.',
    action: 'Let the build give it another name, or narrow the target’s globs.',
  },
  'usage/file-path': {
    meaning: 'A file would be published under the same path in every version.',
    action: 'Put {version} into the path of its target, or the version into its name.',
  },
  'usage/folder': { meaning: 'A folder cannot be written to.', action: correct },
  'usage/git-strategy': {
    meaning: 'GIT_STRATEGY is another than Stagegate renders.',
    action: 'Remove the variable where the message says, or synth again.',
  },
  'usage/gitlab': {
    meaning: 'No GitLab answers at the address of the plan.',
    action: 'Correct project.url in pipeline.ts, and synth again.',
  },
  'usage/header': { meaning: 'A header has characters that cannot be sent.', action: correct },
  'usage/hostile-variable': {
    meaning: 'An environment variable could turn the job against its user.',
    action: 'Unset it, or allow it by name in pipeline.ts.',
  },
  'usage/init': { meaning: 'init cannot begin here.', action: 'Follow the message.' },
  'usage/insecure-origin': { meaning: 'An address is plain http.', action: 'Use https.' },
  'usage/instance': { meaning: 'The plan is for another GitLab.', action: 'Correct project.url in pipeline.ts, and synth again.' },
  'usage/job': { meaning: 'The pipeline has no such job.', action: correct },
  'usage/kind': { meaning: 'The ref leaves open which kind the pipeline is of.', action: 'Say it with --kind.' },
  'usage/layout': { meaning: 'An OCI layout has no image, or several.', action: 'Let the build leave one image in it.' },
  'usage/link-outside': {
    meaning: 'A built file lies outside of the job’s folder, behind a link.',
    action: 'Let the build leave the file itself.',
  },
  'usage/location': { meaning: 'A location in a manifest is not one of this repository.', action: person },
  'usage/module': {
    meaning: 'The module of a repository’s type is missing, altered, or brings no such type.',
    action: 'Correct the module, synth again, and commit both.',
  },
  'usage/no-app': { meaning: 'pipeline.ts does not export an App.', action: 'End it with: export default app.' },
  'usage/no-checkout': { meaning: 'A rehearsal found no Git checkout with a commit.', action: 'Commit, then rehearse in the checkout.' },
  'usage/no-files': { meaning: 'The build left no file to stage.', action: 'Correct the target’s globs, or the build.' },
  'usage/no-image': {
    meaning: 'Staging has no image under the expected tag.',
    action: 'Let the build push it as $STAGEGATE_IMAGE, or leave an OCI layout.',
  },
  'usage/no-job': { meaning: 'The command does not run in a GitLab job.', action: 'Run it in a job, or rehearse with --rehearsal.' },
  'usage/no-pipeline': { meaning: 'There is no such file.', action: correct },
  'usage/no-plan': { meaning: 'There is no release plan.', action: 'Write it with stagegate synth; in a job it comes from prepare.' },
  'usage/nothing': { meaning: 'No target was named.', action: correct },
  'usage/option': { meaning: 'An option names something that does not exist.', action: correct },
  'usage/no-tag': { meaning: 'A release from a branch has no release entry.', action: 'Announce the kinds of pipelines that tags start.' },
  'usage/not-merged': {
    meaning: 'A file is no merged configuration.',
    action: 'Take merged_yaml of GitLab’s CI Lint API, or leave out --merged.',
  },
  'usage/not-staged': {
    meaning: 'A file that a program releases is not in its staging repository.',
    action: 'Look whether it was uploaded.',
  },
  'usage/options': {
    meaning: 'An option is unknown or of another kind than its use, or options need or exclude one another.',
    action: correct,
  },
  'usage/origin': { meaning: 'An address is not an origin.', action: correct },
  'usage/other-bytes': {
    meaning: 'A file that a program releases has another digest than its list says.',
    action: 'Find out who changed it, or made the list of another build.',
  },
  'usage/other-image': {
    meaning: 'A tag has another image than the one that was asked for.',
    action: 'Find out who moved it, and name the image that you mean.',
  },
  'usage/other-checkout': {
    meaning: 'Git is set to take another folder for the checkout.',
    action: 'Unset core.worktree, or rehearse in that checkout.',
  },
  'usage/package-manager': {
    meaning: 'A package manager is not on this machine, or cannot read a repository.',
    action: 'Give the verify job an image that has it, or verify the target without it.',
  },
  'usage/path': { meaning: 'A path cannot be used here.', action: correct },
  'usage/pipeline': { meaning: 'GitLab would refuse one of the compared pipelines.', action: 'Correct the pipeline first.' },
  'usage/place': { meaning: 'A program gave a file no place that a repository has.', action: correct },
  'usage/platforms': {
    meaning: 'An image has other platforms than its target.',
    action: 'Build the missing platforms, or correct the target.',
  },
  'usage/proxy': { meaning: 'A proxy variable is not an address.', action: correct },
  'usage/read-token': {
    meaning: 'STAGEGATE_READ_TOKEN holds a publisher’s credential.',
    action: 'Give it a token of its own with the scope read_api.',
  },
  'usage/receipt': { meaning: 'There is no such receipt.', action: correct },
  'usage/rehearsal': {
    meaning: 'A rehearsal may not touch this place.',
    action: 'Use a directory below the checkout, or a server on this machine.',
  },
  'usage/release': { meaning: 'The plan has no such release.', action: correct },
  'usage/repository': { meaning: 'A repository is missing, or cannot do what is needed.', action: correct },
  'usage/resume': { meaning: 'The pipeline to resume is for another ref.', action: correct },
  'usage/route': { meaning: 'A target is not staged in this kind.', action: correct },
  'usage/same-file-twice': {
    meaning: 'Two files of a target would be published under one name.',
    action: 'Give them different names, or a FileTarget each.',
  },
  'usage/same-package-twice': { meaning: 'Two files are the same package.', action: 'Leave one of them out of the target.' },
  'usage/sha256sums': { meaning: 'A list of checksums is none that sha256sum writes.', action: correct },
  'usage/secret-file': { meaning: 'A credential’s variable is of type File.', action: 'Make it a variable of type Variable.' },
  'usage/secret-malformed': {
    meaning: 'A credential has characters that cannot be sent.',
    action: 'Check the variable’s value for blanks and line ends.',
  },
  'usage/secret-missing': {
    meaning: 'A credential’s variable is not set, or empty.',
    action: 'Set it in the project’s CI/CD variables for the job’s environment.',
  },
  'usage/settings': { meaning: 'A repository’s settings in the plan are wrong.', action: 'Correct pipeline.ts, and synth again.' },
  'usage/start-again': { meaning: '--start-again names another start than the next one.', action: correct },
  'usage/synth': { meaning: 'The pipeline has errors.', action: 'Correct the issues that are listed.' },
  'usage/tag': { meaning: 'A version cannot be the tag of an image.', action: correct },
  'usage/target': { meaning: 'There is no such target.', action: correct },
  'usage/timeout': { meaning: 'A time limit is not a number of seconds.', action: correct },
  'usage/unreadable': { meaning: 'A file cannot be read.', action: correct },
  'usage/unwritable': { meaning: 'A document’s place may not be written to.', action: 'Let the job write below .stagegate.' },
  'usage/value': { meaning: 'A value passed to a function is not of its form.', action: correct },
  'usage/variable': { meaning: 'An option is not of the form NAME=VALUE.', action: correct },
  'usage/version': { meaning: 'A kind gives the release no version.', action: 'Give the kind a version in pipeline.ts.' },
  'usage/word': { meaning: 'Both --resume and --start-again were given.', action: 'Give one of them.' },
}
