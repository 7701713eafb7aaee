#!/bin/sh
# Builds, in a folder of its own, the API server of main.go and puts etcd beside it: `build.sh DIRECTORY`, for `npm run bench:api -- --kubernetes
# DIRECTORY`. Kubernetes' libraries (0.36), Go and etcd are those of Debian's unstable suite, fetched from the mirror that this machine has, and
# unpacked, not installed: nothing of the system changes. Takes 400 MB of downloads, 3 GB of disk and some minutes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1" && top=$(pwd)
mkdir -p apt/lists/partial apt/archives/partial root
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | head -1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror unstable main" >apt/sources.list
: >apt/status
apt() {
  apt-get -q -y -o Dir::Etc::SourceList="$top/apt/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State="$top/apt" -o Dir::State::status="$top/apt/status" \
    -o Dir::Cache="$top/apt" -o APT::Sandbox::User=root -o APT::Install-Recommends=false "$@"
}
apt update
apt install --download-only golang-go etcd-server golang-k8s-apiserver-dev golang-k8s-kube-openapi-dev
for package in apt/archives/golang-*.deb apt/archives/etcd-*.deb; do dpkg -x "$package" root; done

go=$(ls -d "$top"/root/usr/lib/go-*)
export GOROOT="$go" GOPATH="$top/root/usr/share/gocode" GOCACHE="$top/cache" GO111MODULE=off GOFLAGS= CGO_ENABLED=0 PATH="$go/bin:$PATH"
mkdir -p "$GOPATH/src/headway/server" "$GOPATH/src/headway/openapi"
cp "$here/main.go" "$GOPATH/src/headway/server"
go build -o openapi-gen k8s.io/kube-openapi/cmd/openapi-gen
machinery=k8s.io/apimachinery/pkg
: >header.txt
(cd "$GOPATH/src" && "$top/openapi-gen" --output-dir headway/openapi --output-pkg headway/openapi --go-header-file "$top/header.txt" --report-filename "$top/violations.txt" \
  $machinery/apis/meta/v1 $machinery/runtime $machinery/version $machinery/util/intstr $machinery/api/resource k8s.io/api/core/v1 k8s.io/api/admissionregistration/v1)
go build -o server headway/server
cp root/usr/bin/etcd etcd
