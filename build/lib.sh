# Shared by the scripts of this folder, which source it. Works with the bash 3.2 of macOS.
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# The SDK that global.json asks for, on PATH or where its own installer puts it.
require_sdk() {
    # dotnet and NuGet keep their caches below HOME.
    if [ -z "${HOME:-}" ]; then
        unset HOME
        HOME=~
        [ -d "$HOME" ] && [ -w "$HOME" ] || HOME=$root/obj/home
        mkdir -p -- "$HOME"
        export HOME
    fi

    local folder wanted found
    for folder in "${DOTNET_ROOT:-}" "$HOME/.dotnet"; do
        if ! command -v dotnet > /dev/null && [ -x "$folder/dotnet" ]; then PATH=$PATH:$folder; fi
    done

    wanted=$(sed -n 's/.*"version": *"\([0-9]*\.[0-9]*\).*/\1/p' "$root/global.json")
    if ! command -v dotnet > /dev/null; then
        found='there is none on PATH'
    elif (cd -- "$root" && dotnet --version) > /dev/null 2>&1; then
        return
    else
        found="only $(dotnet --list-sdks 2> /dev/null | sed 's/ .*//' | paste -s -d ' ' - | sed 's/^$/a runtime without an SDK/') is here"
    fi
    die "LIPS needs the .NET SDK $wanted and $found: install it from https://dotnet.microsoft.com/download/dotnet/$wanted" \
        "(where packaged: apt-get install dotnet-sdk-$wanted, dnf install dotnet-sdk-$wanted, brew install dotnet)."
}

# True when this folder holds a whole PostgreSQL server of version 14 or newer.
has_postgres() {
    local version
    [ -x "$1/postgres" ] && [ -x "$1/initdb" ] && [ -x "$1/pg_ctl" ] || return 1
    version=$("$1/postgres" --version 2> /dev/null | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 14 ]
}

# The same places, in the same sense, as PostgresInstallations.cs looks in.
find_postgres() {
    local folder IFS=:
    for folder in $PATH; do
        has_postgres "$folder" && return
        [ -L "$folder/pg_ctl" ] && has_postgres "$(dirname -- "$(readlink -f -- "$folder/pg_ctl")")" && return
    done
    for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
        /usr/local/pgsql/bin; do
        has_postgres "$folder" && return
    done
    return 1
}

# The server's binaries, installed when they are missing and that is allowed without a question.
require_postgres() {
    if [ -n "${Lips__PostgresBin:-}" ]; then
        has_postgres "$Lips__PostgresBin" ||
            die "Lips__PostgresBin names $Lips__PostgresBin, which holds no PostgreSQL server of version 14 or newer: correct" \
                "it, or unset it to have one found."
        return
    fi
    if find_postgres; then return; fi

    local install as_root=''
    local missing='LIPS needs the binaries of a PostgreSQL server, 14 or newer, and there are none on PATH or in the usual places'
    if command -v apt-get > /dev/null; then
        install='apt-get install postgresql'
    elif command -v dnf > /dev/null; then
        install='dnf install postgresql-server'
    elif command -v brew > /dev/null; then
        die "$missing: run brew install postgresql@17 (or set ConnectionStrings__Lips to a server that runs already)."
    else
        die "$missing: install them, name their folder in Lips__PostgresBin, or set ConnectionStrings__Lips to a server that runs already."
    fi

    if [ "$(id -u)" -ne 0 ]; then
        as_root='sudo -n'
        if ! $as_root true 2> /dev/null; then
            die "$missing: run sudo $install (or set ConnectionStrings__Lips to a server that runs already)."
        fi
    fi

    say "$missing: installing them ($install) ..."
    local log
    log=$(mktemp)
    if { if command -v apt-get > /dev/null; then install_on_debian; else $as_root dnf install -y -q postgresql-server; fi; } \
        > "$log" 2>&1 < /dev/null && find_postgres; then
        rm -f -- "$log"
        return
    fi
    tail -n 20 -- "$log" >&2
    rm -f -- "$log"
    die "PostgreSQL 14 or newer could not be installed: do it by hand ($install), name its folder in Lips__PostgresBin, or" \
        "set ConnectionStrings__Lips to a server that runs already."
}

# Debian's package makes a cluster of its own and starts it, unless told otherwise; the setting is put back afterwards.
install_on_debian() {
    local apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends"
    local conf=/etc/postgresql-common/createcluster.conf status=0
    $apt update && $apt install postgresql-common || return
    if [ -e "$conf" ]; then $as_root cp -p -- "$conf" "$conf.lips"; fi
    printf 'create_main_cluster = false\n' | $as_root tee -- "$conf" > /dev/null || return
    $apt install postgresql || status=$?
    if [ -e "$conf.lips" ]; then $as_root mv -f -- "$conf.lips" "$conf"; else $as_root rm -f -- "$conf"; fi
    return "$status"
}

# Programs of the distribution, installed when they are missing and that is allowed without a question.
require_wrk() { require_tool wrk wrk 'build/bench takes its load from wrk'; }

require_nginx() {
    PATH=$PATH:/usr/sbin require_tool nginx nginx-light 'the nodes of build/cluster and build/chaos are behind nginx'
}

# Without it a run leaves out the clock that jumps, as on macOS.
require_faketime() {
    if command -v apt-get > /dev/null; then require_tool faketime faketime 'build/chaos has the clock of a node jump'; fi
}

# Debian's has no version of Node that is new enough everywhere, so none is installed here.
require_node() {
    local version
    version=$(node --version 2> /dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
    if [ "${version:-0}" -ge 20 ] && command -v npm > /dev/null; then return; fi
    die 'The inbox is built with Node 20 or newer, and there is none on PATH: install it from https://nodejs.org.'
}

require_chromium() { require_tool chromium chromium 'the tests of the inbox drive a browser'; }

# require_tool PROGRAM PACKAGE WHY: installs it where apt-get can.
require_tool() {
    if command -v "$1" > /dev/null; then return; fi
    local missing="$3, which is not on PATH" as_root='' log
    command -v apt-get > /dev/null || die "$missing: install it (brew install $1, dnf install $1)."
    if [ "$(id -u)" -ne 0 ]; then
        as_root='sudo -n'
        $as_root true 2> /dev/null || die "$missing: run sudo apt-get install $2."
    fi
    say "$missing: installing it (apt-get install $2) ..."
    log=$(mktemp)
    local apt="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends"
    if { $apt update && $apt install "$2"; } > "$log" 2>&1 < /dev/null && command -v "$1" > /dev/null; then
        rm -f -- "$log"
        return
    fi
    tail -n 20 -- "$log" >&2
    rm -f -- "$log"
    die "$1 could not be installed: do it by hand (apt-get install $2)."
}

host=$root/host/Lips.Host
host_dll=$host/bin/publish/Lips.Host.dll

# Every file that the host is built from, with its checksum. Folders and times are left out: a build changes those itself.
host_sources() {
    find host modules Directory.*.props global.json .editorconfig \
        \( -name bin -o -name obj -o -name node_modules \) -prune -o -type f -exec cksum {} + | LC_ALL=C sort
}

# Publishes the host unless its sources are those of the last time. One build at a time: two would write the same files. A node that runs
# keeps the files that it has opened.
build_host() {
    mkdir -p -- "$host/obj"
    (
        if command -v flock > /dev/null; then flock 9; fi
        stamp=$host/obj/built
        cd -- "$root"
        # Listed before the build: a file that is edited meanwhile causes another one.
        sources=$(host_sources)
        if [ -f "$host_dll" ] && [ -f "$stamp" ] && [ "$sources" = "$(cat -- "$stamp")" ]; then exit 0; fi
        [ -f "$stamp" ] || say 'Building LIPS; the first time takes some minutes ...'
        rm -rf -- "$host/bin/new" "$host/bin/old"
        # Build servers would stay behind, and hold on to the output of whoever waits for this script.
        if ! output=$(dotnet publish "$host/Lips.Host.csproj" -c Release -o "$host/bin/new" --disable-build-servers -v quiet -nologo \
            -clp:NoSummary 2>&1 < /dev/null); then
            printf '%s\n' "$output" | sort -u >&2
            exit 1
        fi
        if [ -d "$host/bin/publish" ]; then mv -- "$host/bin/publish" "$host/bin/old"; fi
        mv -- "$host/bin/new" "$host/bin/publish"
        rm -rf -- "$host/bin/old"
        printf '%s\n' "$sources" > "$stamp.new"
        mv -f -- "$stamp.new" "$stamp"
    ) 9> "$host/obj/build.lock"
}

# Tests that start nodes start what build/run does.
export_host() {
    build_host
    export LIPS_TEST_HOST=$host_dll
}

# How much is allocated between two collections, in bytes. By itself .NET takes most of the processor's cache, which on a server is shared
# and large: a node then takes a quarter more memory
# and is no faster (build/decisions/0013-speed.md). The Dockerfile and the bench set the same.
export_runtime() { export DOTNET_GCgen0size="${DOTNET_GCgen0size:-0x1000000}"; }

# The home of the private PostgreSQL: beside the sources, wherever the command was typed.
export_home() {
    local home=${Lips__Home:-$root/.lips}
    case $home in
        /*) ;;
        *) home=$PWD/$home ;;
    esac
    export Lips__Home=$home
}
