/* SPDX-License-Identifier: MIT */
/* Polled output on a 16550, set up by the firmware or the loader. A port that never gets ready costs each
 * character a bounded wait. */
#include <x86/asm.h>
#include <x86/uart.h>

#define UART_DATA 0
#define UART_LSR 5
#define LSR_TRANSMIT_EMPTY 0x20

static u16 port;

void uart_init(u16 base)
{
	port = base;
}

void uart_put(char c)
{
	if (!port)
		return;
	for (unsigned tries = 0; tries < 100000 && !(inb(port + UART_LSR) & LSR_TRANSMIT_EMPTY); tries++)
		cpu_relax();
	outb(port + UART_DATA, (u8)c);
}
