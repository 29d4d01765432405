/* SPDX-License-Identifier: MIT */
/* This processor's physical local APIC, in whichever mode the root put it. */
#pragma once

#include <abi/types.h>

#define APIC_PAGE 0xfee00000ULL /* the root may not move it */

u32 apic_read(u32 offset);
void apic_write(u32 offset, u32 value);
/* From one processor's hv to another. Leaves the root's half-written ICR as it was. */
void apic_send_nmi(u32 apic_id);
