# SPDX-License-Identifier: MIT
# TAP for jobs that are shell scripts: they print the plan themselves, and then a verdict per test.

count=0

ok() { # description status
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
	fi
}
