# SPDX-License-Identifier: MIT
# Ring "vmx": the same image on Intel's processor, which Bochs emulates: the guest ring, refusals, and the chain up to
# containers in an unmodified Debian. An emulated boot takes a minute or two, so one boot serves many tests.

vmx_build() {
	local part
	for part in hv boot uvm-kernel tools/worker tools/runtime tools/hvctl tools/kmod tests/guest tests/runtime; do
		make --no-print-directory -C "$top/$part" TOP="$top" O="$out" || return 1
	done
	"$top/tools/dev/mkroot"
}
prepare "building everything" vmx_build || return 0

job guest 900 "$top/tests/vmx/guest"
# "tests/vmx/guest ryzen" runs it on Bochs' SVM, which finds nothing wrong until a child's triple fault.
no_job stricter-svm "Bochs 2.7 ends itself at a triple fault under SVM instead of intercepting the shutdown"
job refusals 900 "$top/tests/vmx/refusals"
job root 900 "$top/tests/vmx/root" 1
job root-two-cpus 1200 "$top/tests/vmx/root" 2
job machine 1800 env RUN_ROOT="$top/tools/dev/run-bochs" SMP=1 "$top/tests/runtime/in-root" machine 1780
