# SPDX-License-Identifier: MIT
# Ring "install": docs/install.md, followed in an installed Debian. It takes half an hour and more, so only when it is named.

job follow 14400 "$top/tests/install/follow"
