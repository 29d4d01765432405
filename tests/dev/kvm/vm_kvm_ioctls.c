/* SPDX-License-Identifier: MIT */
/*
 * vm_kvm_ioctls.c: what vm_kvm.c asks of its descriptors while the guest runs, for the system call filter.
 */
#include <linux/kvm.h>

#include "seccomp_rules.h"

const unsigned long vm_ioctls[] = {KVM_RUN, KVM_GET_REGS, KVM_SIGNAL_MSI, KVM_SET_USER_MEMORY_REGION, 0};
