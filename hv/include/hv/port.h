/* SPDX-License-Identifier: MIT */
/* Event ports of the root and the connections of children to them. */
#ifndef HV_PORT_H
#define HV_PORT_H

#include <abi/hypercall.h>
#include <hv/partition.h>

/* All return HV_STATUS_*. */
u32 port_create(u32 port_id, u64 connection_partition, const struct hv_port_info *info);
u32 port_delete(u32 port_id);
u32 port_connect(u64 partition, u32 connection_id, u32 port_id);
u32 port_disconnect(u64 partition, u32 connection_id);
u32 port_signal(u64 partition, u32 connection_id, u16 flag);
/* A root VP's page moves or goes: afterwards nobody writes to the old one. Returns the old value. */
u64 port_exchange_page(u64 *slot, u64 page);
/* The partition ends: its connections go, and ports made for it. */
void port_disconnect_all(u64 partition);

#endif
