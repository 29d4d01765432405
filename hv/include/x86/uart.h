/* SPDX-License-Identifier: MIT */
/* Output on a 16550. The root may use the same device: hv only ever polls and writes. */
#pragma once

#include <abi/types.h>

void uart_init(u16 base); /* 0: no serial output */
void uart_put(char c);
