# SPDX-License-Identifier: MIT
# Ring "install": docs/install.md, followed in an installed Debian. It takes ten minutes and more, so only when it is named.

job follow 7200 "$top/tests/install/follow"
