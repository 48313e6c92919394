#!/bin/sh
# sh packaging/check.sh FOLDER: runs what the staged packages of Debian would install, and checks that it says the tag's version.
set -eu
version=${CI_COMMIT_TAG#v}
debs=$(find "$1" -name '*.deb')
test -n "$debs"
for deb in $debs; do
  root=$(mktemp -d)
  dpkg-deb --extract "$deb" "$root"
  test "$("$root/usr/bin/hello")" = "hello $version"
  echo "$deb says hello $version"
done
