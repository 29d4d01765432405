# SPDX-License-Identifier: MIT
# Ring "boot": whole machines from power-on: every way to start, and what happens when it cannot be.

prepare "building the root" "$top/tools/dev/mkroot" || return 0

job starts 400 "$top/tests/boot/starts"
job refusals 500 "$top/tests/boot/refusals"
