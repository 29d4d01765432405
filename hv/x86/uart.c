/* SPDX-License-Identifier: MIT */
/* Polled output on a 16550. A port that never gets ready costs each character a bounded wait. */
#include <x86/asm.h>
#include <x86/uart.h>

#define UART_DATA 0
#define UART_LCR 3
#define UART_LSR 5
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define LSR_TRANSMIT_EMPTY 0x20
#define UART_CLOCK 115200

static u16 port;

void uart_init(u16 base, u32 baud)
{
	port = base;
	if (!base || !baud || baud > UART_CLOCK)
		return;
	outb(base + UART_LCR, LCR_DLAB | LCR_8N1);
	outb(base + UART_DATA, (u8)(UART_CLOCK / baud));
	outb(base + UART_DATA + 1, (u8)(UART_CLOCK / baud >> 8));
	outb(base + UART_LCR, LCR_8N1);
}

void uart_put(char c)
{
	if (!port)
		return;
	for (unsigned tries = 0; tries < 100000 && !(inb(port + UART_LSR) & LSR_TRANSMIT_EMPTY); tries++)
		cpu_relax();
	outb(port + UART_DATA, (u8)c);
}
