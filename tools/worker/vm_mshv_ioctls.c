/* SPDX-License-Identifier: MIT */
/*
 * vm_mshv_ioctls.c: what vm_mshv.c asks of its descriptors while the guest runs, for the system call filter.
 */
#include "seccomp_rules.h"
#include "uapi.h"

const unsigned long vm_ioctls[] = {MSHV_RUN_VP, MSHV_ROOT_HVCALL, MSHV_SET_GUEST_MEMORY, 0};
