# SPDX-License-Identifier: MIT
# Ring "unit": pure parts, on this machine, under sanitizers, built with both compilers; then each fuzz
# target over its stored corpus and some thousand mutations with a fixed seed.

export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1

for compiler in gcc clang; do
	if ! command -v "$compiler" >/dev/null; then
		no_job "$compiler" "$compiler is not installed"
		continue
	fi
	prepare "building tests/unit with $compiler" make --no-print-directory -C "$top/tests/unit" TOP="$top" O="$out" \
		CC="$compiler" || continue
	for test in $(make --no-print-directory -s -C "$top/tests/unit" TOP="$top" O="$out" CC="$compiler" list); do
		job "$test.$compiler" 120 "$out/tests/unit/$compiler/$test"
	done
done

job emulator 60 "$top/tests/unit/emulator"
job exit_with 60 "$top/tests/unit/exit_with"
job qemu 60 "$top/tests/unit/qemu"

if ! command -v clang >/dev/null; then
	no_job fuzz "clang is not installed"
elif prepare "building tests/fuzz" make --no-print-directory -C "$top/tests/fuzz" TOP="$top" O="$out"; then
	for target in $(make --no-print-directory -s -C "$top/tests/fuzz" TOP="$top" O="$out" list); do
		job "fuzz.$target" 120 "$top/tests/fuzz/one" "$target"
	done
fi
