#!/bin/sh
# sh packaging/build.sh deb|rpm: leaves a package of the tag's version in dist/.
set -eu
tag=${CI_COMMIT_TAG:-v0.0.0}
version=${tag#v}
rm -rf build dist
mkdir -p build/usr/bin dist
sed "s/@VERSION@/$version/" hello.sh > build/usr/bin/hello
chmod 755 build/usr/bin/hello

case $1 in
deb)
  mkdir build/DEBIAN
  sed "s/@VERSION@/$version/" packaging/control > build/DEBIAN/control
  dpkg-deb --root-owner-group --build build dist
  ;;
rpm)
  rpmbuild -bb --quiet --define "_topdir $PWD/build/rpm" --define "built $PWD/build" --define "version $version" packaging/hello.spec
  mv build/rpm/RPMS/noarch/*.rpm dist/
  ;;
esac
