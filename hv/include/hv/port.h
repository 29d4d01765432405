/* SPDX-License-Identifier: MIT */
/* Event ports of the root and the connections of children to them. */
#pragma once

#include <abi/types.h>

/* A root VP's page moves or goes: afterwards nobody writes to the old one. Returns the old value. */
u64 port_exchange_page(u64 *slot, u64 page);
/* The partition ends: its connections go, and ports made for it. */
void port_disconnect_all(u64 partition);
