#!/usr/bin/env bash
# Puts omega into $RUNNER_TEMP/omega/bin: from a release whose digest is known, from sources, or from a commit.
#
# Nothing is cached between runs: what one run of a pull request leaves in a cache, the next run of it would trust, after
# the edit that put it there is gone from the pull request.
set -euo pipefail

fail() {
    printf '::error title=canon::%s\n' "$1"
    exit 2
}

root="${RUNNER_TEMP:?}/omega"
mkdir -p "$root/bin"
[ -z "${OMEGA_SOURCE:-}" ] || OMEGA_SOURCE=$(cd -- "$OMEGA_SOURCE" && pwd)
[ -z "${OMEGA_TARBALL:-}" ] || case "$OMEGA_TARBALL" in https://* | /*) ;; *) OMEGA_TARBALL="$PWD/$OMEGA_TARBALL" ;; esac
# Not in the checkout: rust-toolchain.toml and .cargo/config.toml of the change that is judged could name another cargo.
cd -- "$RUNNER_TEMP"

if [ -n "${OMEGA_TARBALL:-}" ]; then
    [[ "${OMEGA_SHA256:-}" =~ ^[0-9a-f]{64}$ ]] || fail 'a release needs its sha256: 64 lowercase hexadecimal digits'
    case "$OMEGA_TARBALL" in
        https://*) curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 3 --output "$root/omega.tar.gz" -- "$OMEGA_TARBALL" ;;
        *) cp -- "$OMEGA_TARBALL" "$root/omega.tar.gz" ;;
    esac
    printf '%s  %s\n' "$OMEGA_SHA256" "$root/omega.tar.gz" | sha256sum --check --status || fail 'the release has another digest than the one that is given'
    mkdir -p "$root/unpacked"
    tar -xzf "$root/omega.tar.gz" -C "$root/unpacked"
    found=$(find "$root/unpacked" -maxdepth 3 -type f -name omega -print -quit)
    [ -n "$found" ] || fail 'there is no omega in the release'
    install -m 755 -- "$found" "$root/bin/omega"
elif [ -n "${OMEGA_SOURCE:-}" ]; then
    cargo install --locked --path "$OMEGA_SOURCE" --root "$root"
elif [ -n "${OMEGA_REVISION:-}" ]; then
    [[ "$OMEGA_REVISION" =~ ^[0-9a-f]{40}$ ]] || fail 'the revision is not a whole commit id: 40 lowercase hexadecimal digits'
    cargo install --locked --git https://github.com/Mega-Therion/OmegA-SI --rev "$OMEGA_REVISION" --root "$root" omega
else
    fail 'say where omega comes from: tarball and sha256, source, or revision'
fi

"$root/bin/omega" --version
