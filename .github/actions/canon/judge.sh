#!/usr/bin/env bash
# Judges the change. Its exit code is the check's: 0 passed, 11 violation, 12 pending, 13 nothing can be said.
set -euo pipefail

args=(-C "${OMEGA_DIRECTORY:-.}" ci)
case "${OMEGA_ALLOW_PENDING:-false}" in
    true) args+=(--allow-pending) ;;
    false) ;;
    *)
        printf '::error title=canon::allow-pending is true or false\n'
        exit 2
        ;;
esac
[ -z "${OMEGA_BASE:-}" ] || args+=("--base=$OMEGA_BASE")
[ -z "${OMEGA_HEAD:-}" ] || args+=("--head=$OMEGA_HEAD")
[ -z "${OMEGA_SARIF:-}" ] || args+=("--sarif=$OMEGA_SARIF")
[ -z "${OMEGA_JUNIT:-}" ] || args+=("--junit=$OMEGA_JUNIT")

exec "${RUNNER_TEMP:?}/omega/bin/omega" "${args[@]}"
