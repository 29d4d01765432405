/* SPDX-License-Identifier: MIT */
/* Output on a 16550. The root may use the same device: hv only ever polls and writes. */
#ifndef X86_UART_H
#define X86_UART_H

#include <abi/types.h>

/* base = 0: no serial output. baud = 0: leave the line as the firmware set it. */
void uart_init(u16 base, u32 baud);
void uart_put(char c);

#endif
