# SPDX-License-Identifier: MIT
# Shared by what follows docs/install.md: its blocks, the machine's runs, what came of them.

ok() { # description status
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
	fi
}

# The document's commands with this name.
block() {
	sed -n "/^\`\`\`sh $1\$/,/^\`\`\`\$/{/^\`\`\`/!p}" "$top/docs/install.md" | grep . || echo "false # no block $1"
}

# The tree that the user has on his machine after the first block, and a bundle to try it with.
make_source_tree() {
	local tree=$work/source
	mkdir -p "$tree/build"
	tar -C "$top" -c tools/dev/install-tree boot/nacelle.conf | tar -C "$tree" -x
	tar -C "$out" -c boot/nacelle.efi hv/nacelle.hv tools/runtime/nacelle tools/hvctl/hvctl tools/worker/nacelle-worker \
		uvm-kernel/uvm-kernel tools/kmod/mshv.ko tools/kmod-dkms | tar -C "$tree/build" -x
	"$top/tools/dev/mkbundle" "$tree/bundle" sh -c 'echo hello from $(uname -s)'
	mksquashfs "$tree" "$work/tree" -quiet -no-progress -noappend -all-root >/dev/null
}

# One start of the machine, with these commands in it; its words stay beside the test's log.
run() { # name script
	local file
	printf '%s\n' 'not() { if "$@"; then return 1; fi; }' "$2" >"$work/job"
	printf '%s\n' "$2" >"$TEST_LOG.$1.script"
	"$top/tests/install/machine" "$work"
	ended=$?
	for file in out serial console; do
		tr -d '\r' <"$work/$file" >"$TEST_LOG.$1.$file"
	done
}

# Did all its commands succeed?
done_by() { # name description
	[ $ended = 0 ] || tail -n 3 "$TEST_LOG.$1.out" | sed 's/^/# /'
	ok "$2" $ended
}

# Is a line like this among what the commands printed, or what the firmware and nacelle.efi said?
said() { # name description pattern
	grep -aqE "$3" "$TEST_LOG.$1.out"
	ok "$1: $2" $?
}

spoke() { # name description pattern
	grep -aqE "$3" "$TEST_LOG.$1.serial"
	ok "$1: $2" $?
}

# The machine NAME runs on the hypervisor, with the module in the generic kernel, and containers.
hosted() { # name
	said "$1" 'the hypervisor runs, SVM is hidden' '^SVM is hidden$'
	said "$1" 'the module that DKMS built speaks to it' '^module +mshv '
	said "$1" "in Debian's generic kernel" '^6\.1\.[0-9]+-[0-9]+-amd64$'
	said "$1" 'a container runs' '^hello from Linux$'
}
