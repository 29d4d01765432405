/* SPDX-License-Identifier: MIT */
/* What shim wants to know of a program before it starts it: the generations of its parts, by which whole
 * ranges of them can be revoked. The second number of "nacelle" rises with each hole in nacelle.efi that is
 * closed; names and values are shim's, SBAT.md, and no field may be empty. */
#include <abi/version.h>

	.section .sbat, "a", @progbits
	.balign 4096
	.ascii "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	.ascii "nacelle,1,The Nacelle authors,nacelle,", NACELLE_VERSION_STRING, ",docs/install.md\n"

	.section .note.GNU-stack, "", @progbits
