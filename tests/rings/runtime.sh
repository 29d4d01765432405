# SPDX-License-Identifier: MIT
# Ring "runtime": the nacelle command and what stands behind it. First what needs no machine (refusals, the file
# server under sanitizers), then in the root partition: how containers end, and many of them.

runtime_build() {
	local part
	for part in hv boot uvm-kernel tools/worker tools/runtime tools/hvctl tools/kmod tests/runtime; do
		make --no-print-directory -C "$top/$part" TOP="$top" O="$out" || return 1
	done
	"$top/tools/dev/mkroot"
}
prepare "building everything" runtime_build || return 0

job refusals 120 "$top/tests/runtime/refusals" "$out/tools/runtime/nacelle"
job file-server 120 "$out/tests/runtime/fs_server"
job socket-proxy 120 "$out/tests/runtime/net_server"
for script in machine containers terminals; do
	[ ! -f "$top/tests/runtime/$script" ] || job "$script" 450 "$top/tests/runtime/in-root" "$script" 430
done
