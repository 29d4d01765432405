# SPDX-License-Identifier: MIT
# Ring "guest": tests of the hypervisor's interface with no operating system in between (tests/guest, the
# firmware starts them after the hypervisor), and of /dev/mshv on top of it (tools/kmod/tests, in the root).

guest_build() {
	local part
	for part in hv boot tests/guest tools/kmod tools/kmod/tests; do
		make --no-print-directory -C "$top/$part" TOP="$top" O="$out" || return 1
	done
	"$top/tools/dev/mkroot"
}
prepare "building hv and its guests" guest_build || return 0

job one-cpu 300 sh -c "exec '$top/tests/guest/run' -s 1 -l \$TEST_LOG.serial"
job two-cpus 300 sh -c "exec '$top/tests/guest/run' -s 2 -l \$TEST_LOG.serial"
job module 300 sh -c "exec '$top/tools/dev/run-root' --smp 2 --timeout 280 --log \$TEST_LOG.serial \
	--share '$out/tests/kmod' -- /share/kmodtest"
