# SPDX-License-Identifier: MIT
# Ring "programs": unmodified programs of Debian 12 from one image, first on this machine's Linux, which must agree with
# every expectation, then in utility VMs.

programs_build() {
	local part
	for part in hv boot uvm-kernel tools/worker tools/runtime tools/hvctl tools/kmod; do
		make --no-print-directory -C "$top/$part" TOP="$top" O="$out" || return 1
	done
	"$top/tools/dev/mkroot"
	# shellcheck source=/dev/null
	. "$top/tests/programs/list"
	# shellcheck disable=SC2154,SC2086
	"$top/tools/dev/mkimage" programs $program_packages
}
prepare "building everything and the image" programs_build || return 0

job native 300 "$top/tests/programs/native"
job inside 920 "$top/tests/programs/inside"
job two-vps 600 env VPS=2 PROGRAM_GROUPS=python TEST_WORD=threads "$top/tests/programs/inside"
