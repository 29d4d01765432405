# SPDX-License-Identifier: MIT
# Shared by what follows docs/install.md: its blocks, the machine's runs, what came of them.

. "$top/tests/tap.sh"

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

# The owner of a machine who wants a key of his own deletes the platform key in the firmware's setup, which opens the lists
# for him ("setup mode"). Here its variable is marked as deleted, or there again, where it lies: the byte behind the start
# mark of the header that ends with the GUID in front of the name "PK".
platform_key() { # file deleted|there
	local guid='\x61\xdf\xe4\x8b\xca\x93\xd2\x11\xaa\x0d\x00\xe0\x98\x03\x2b\x8c' at state='\x3f'
	[ "$2" = there ] || state='\x3c'
	at=$(LC_ALL=C grep -aobUP "$guid"'P\x00K\x00\x00\x00' "$1" | head -n 1 | LC_ALL=C cut -d: -f1)
	[ -n "$at" ] && printf '%b' "$state" | dd of="$1" bs=1 seek=$((at - 42)) conv=notrunc status=none
}

# One start of the machine, with these commands in it; its words stay beside the test's log. With keys, which somebody types
# at the firmware's console (see typist), it is expected to end before it comes to the commands. In STATES, a directory, each
# good end is kept, and taken from there when the same commands come again behind the same ones, whatever else has changed.
run() { # name script [keys]
	local file kept
	past=$(printf '%s\n' "${past:-}" "$2" "${3:-}" | sha256sum | cut -c 1-16)
	kept=${STATES:+$STATES/$past-$1}
	rm -f "$work/keys"
	[ -z "${3:-}" ] || printf '%s\n' "$3" >"$work/keys"
	printf '%s\n' 'not() { if "$@"; then return 1; fi; }' "$2" >"$work/job"
	printf '%s\n' "$2" >"$TEST_LOG.$1.script"
	if [ "$kept" ] && [ -d "$kept" ]; then
		cp --sparse=always "$kept"/* "$work"
		ended=0
	else
		"$top/tests/install/machine" "$work"
		ended=$?
		[ $ended != 0 ] || [ -z "$kept" ] || keep_state "$kept"
	fi
	for file in out serial console; do
		tr -d '\r' <"$work/$file" >"$TEST_LOG.$1.$file"
	done
}

keep_state() { # dir
	mkdir -p "$1.new" && cp --sparse=always "$work"/{disk.img,vars.fd,out,serial,console} "$1.new" && mv "$1.new" "$1"
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

# Secure Boot was on in the machine NAME, and held Linux to it.
locked() { # name
	said "$1" 'Secure Boot is on' '^SecureBoot enabled$'
	said "$1" 'Linux is locked down' '\[integrity\]'
}

# The machine NAME runs on the hypervisor, with the module in the generic kernel, and containers.
hosted() { # name
	said "$1" 'the hypervisor runs, SVM is hidden' '^SVM is hidden$'
	said "$1" 'the module that DKMS built speaks to it' '^module +mshv '
	said "$1" "in Debian's generic kernel" '^6\.1\.[0-9]+-[0-9]+-amd64$'
	said "$1" 'a container runs' '^hello from Linux$'
}
