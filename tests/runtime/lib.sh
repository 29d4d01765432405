# SPDX-License-Identifier: MIT
# lib.sh: TAP and bundles for the tests of the nacelle command. Sourced by the job scripts, on the build machine
# or in the root partition; for bash.

tests=0
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ok() { # name
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

not_ok() { # name reason...
	tests=$((tests + 1))
	failures=$((failures + 1))
	local name=$1
	shift
	printf '%s\n' "$@" | sed 's/^/# /'
	echo "not ok $tests - $name"
}

# The plan comes last: a script that dies before has no plan, which the runner counts as a failure.
done_testing() {
	echo "1..$tests"
	[ "$failures" = 0 ]
}

is() { # name expected actual
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected '$2'" "got '$3'"; fi
}

like() { # name pattern actual (a shell pattern)
	# shellcheck disable=SC2254
	case $3 in
	$2) ok "$1" ;;
	*) not_ok "$1" "expected something like '$2'" "got '$3'" ;;
	esac
}

# Runs a command, keeps its output in $out, $err and its status in $status.
capture() {
	status=0
	"$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	out=$(cat "$work/out")
	err=$(cat "$work/err")
}

# Asks until a command succeeds, at most 60 s. No test depends on how long it takes.
wait_for() {
	local tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.1
	done
}

# A config.json on standard output; each variable adds fields to one object, with a leading comma.
config() {
	cat <<JSON
{
	"ociVersion": "${version-1.0.2}",
	"process": {
		"terminal": false,
		"user": { "uid": 0, "gid": 0 ${user-} },
		"args": ${args-[ \"/bin/true\" ]},
		"env": [ "PATH=/bin:/usr/bin" ],
		"cwd": "/" ${process-}
	},
	"root": { "path": "rootfs" ${root-} },
	"hostname": "utility",
	"mounts": [
		{ "destination": "/proc", "type": "proc", "source": "proc" },
		{ "destination": "/dev", "type": "tmpfs", "source": "tmpfs" },
		{ "destination": "/tmp", "type": "tmpfs", "source": "tmpfs" } ${mounts-}
	],
	"linux": {
		"namespaces": [
			{ "type": "pid" }, { "type": "network" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" }
		] ${linux-}
	} ${top-}
}
JSON
}
