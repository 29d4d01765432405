# SPDX-License-Identifier: MIT
# Ring "syscall": the same binary on Linux, which must agree with every expectation, and inside a utility
# VM. Inside, one boot serves three containers: everything on tmpfs as root, the file tests again on the
# file server's tree, and everything as an ordinary user.

prepare "building tests/syscall" make --no-print-directory -C "$top/tests/syscall" TOP="$top" O="$out" || return 0

tests=$out/tests/syscall/syscall-tests
job native-root 300 sh -c "exec $tests -t 60 \$TEST_WORD"
job native-user 300 sh -c "exec $tests -t 60 -u 1000 \$TEST_WORD"
job native-tmpfs 120 sh -c "exec $tests -t 60 -f -d /dev/shm \$TEST_WORD"
job inside 420 "$top/tests/syscall/inside"
