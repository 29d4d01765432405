/* SPDX-License-Identifier: MIT */
/* The virtual local APIC of a child's VP: requested and in-service vectors, edge triggered, priority by
 * vector class. Pure; delivery is dispatch.c's. */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

struct vapic {
	u64 request[4];	   /* [a] anyone may set */
	u64 in_service[4]; /* the VP's processor only */
	u32 nmi;	   /* [a] */
	u8 tpr;
	bool enabled; /* SVR bit 8 */
	u8 spurious;
};

void vapic_reset(struct vapic *a);
/* Marks the vector (16..255) as requested; true when it was not yet. */
bool vapic_request(struct vapic *a, u8 vector);
/* The vector that the priority rules let through now, or 0. */
u8 vapic_deliverable(const struct vapic *a);
/* The vector goes from requested to in service; end takes the highest out of service. */
void vapic_accept(struct vapic *a, u8 vector);
void vapic_end(struct vapic *a);
/* The task priority by CR8; false: not a value of it. */
bool vapic_set_cr8(struct vapic *a, u64 value);

/* Does an interrupt command, by the rules of x2APIC, mean the local APIC with this id? self: it comes from
 * there. */
bool icr_targets(u32 command, u32 destination, u32 id, bool self);
