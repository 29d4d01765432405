# SPDX-License-Identifier: MIT
# Ring "vmx": the same image on Intel's processor, which Bochs emulates: the guest ring, refusals, and the chain up to
# containers in an unmodified Debian. One boot serves many tests: tests/vmx/root runs what the rings guest, runtime and
# syscall run in a root.

vmx_build() {
	local part
	for part in hv boot uvm-kernel tools/worker tools/runtime tools/hvctl tools/kmod tools/kmod/tests tests/guest \
		tests/runtime tests/syscall; do
		make --no-print-directory -C "$top/$part" TOP="$top" O="$out" || return 1
	done
	"$top/tools/dev/mkroot"
}
prepare "building everything" vmx_build || return 0

job guest 480 "$top/tests/vmx/guest" 470 1
job guest-two-cpus 600 "$top/tests/vmx/guest" 590 2
job refusals 480 "$top/tests/vmx/refusals"
job root 1500 "$top/tests/vmx/root" 1 1480
job root-two-cpus 1200 "$top/tests/vmx/root" 2 1180
job stricter-svm 600 "$top/tests/vmx/guest" 590 1 ryzen
no_job runtime-sequence "200 containers in a row and 40 killed ones run on SVM alone; in Bochs 20 and 10"
