# SPDX-License-Identifier: MIT
# Shared by the jobs of ring "boot": start machines, look into their output and logs, print TAP.

top=$(cd "$(dirname "$0")/../.." && pwd)
out=${O:-$top/build}
TEST_LOG=${TEST_LOG:-$out/tests/logs/boot-$(basename "$0")}
mkdir -p "$(dirname "$TEST_LOG")"
. "$top/tests/tap.sh"

# Starts a machine in the background: boot NAME OPTION... -- COMMAND
boot() {
	local name=$1
	shift
	rm -f "$TEST_LOG.$name".*
	(
		"$top/tools/dev/run-root" --timeout 150 --log "$TEST_LOG.$name.log" "$@" >"$TEST_LOG.$name.out" \
			2>"$TEST_LOG.$name.err"
		echo $? >"$TEST_LOG.$name.status"
	) &
}

# Did the machine NAME reach Linux and its command end with status 0?
booted() { # description name
	wait
	[ "$(cat "$TEST_LOG.$2.status")" = 0 ]
	local status=$?
	[ $status = 0 ] || tail -n 2 "$TEST_LOG.$2.err" | sed 's/^/# /'
	ok "$1" $status
}

# Does the loader's or hypervisor's log of NAME contain this line exactly as a whole (a basic regular expression)?
logged() { # description name pattern
	tr -d '\r' <"$TEST_LOG.$2.log.hv" | grep -q "^$3\$"
	local status=$?
	[ $status = 0 ] || tr -d '\r' <"$TEST_LOG.$2.log.hv" | grep '^nacelle:' | sed 's/^/# /'
	ok "$1" $status
}

printed() { # description name pattern
	grep -q "^$3\$" "$TEST_LOG.$2.out"
	local status=$?
	[ $status = 0 ] || sed 's/^/# /' "$TEST_LOG.$2.out" | head -5
	ok "$1" $status
}

# How many lines of the loader's log begin with "nacelle: no hypervisor"?
one_reason() { # description name
	[ "$(grep -c '^nacelle: no hypervisor' "$TEST_LOG.$2.log.hv")" = 1 ]
	ok "$1" $?
}
