/* SPDX-License-Identifier: MIT */
/*
 * say.c: every line goes to the firmware's console and, polled, to a 16550 serial port that is not part of
 * that console. The hypervisor's own log goes to the same port later.
 */
#include "boot.h"

#define LINE_MAX 320
#define UART_POLLS 100000

enum uart_register { UART_DATA = 0, UART_IER = 1, UART_FCR = 2, UART_LCR = 3, UART_MCR = 4, UART_LSR = 5 };
#define UART_LCR_8N1 0x03
#define UART_LCR_DIVISOR 0x80
#define UART_LSR_EMPTY 0x20

static u16 serial;
CHAR16 refusal[LINE_MAX];

static void out8(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u8 in8(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* Does the firmware's console already go to this port? Its ConOut names serial ports as PNP0501 by number. */
static bool console_has(u16 port)
{
	static const u16 ports[] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
	UINTN size = 0;
	u8 *data = LibGetVariableAndSize(L"ConOut", &EfiGlobalVariable, &size);
	bool found = false;

	for (UINTN at = 0; data && at + sizeof(ACPI_HID_DEVICE_PATH) <= size;) {
		ACPI_HID_DEVICE_PATH *node = (ACPI_HID_DEVICE_PATH *)(data + at);

		if (DevicePathType(&node->Header) == ACPI_DEVICE_PATH && node->HID == EISA_PNP_ID(0x0501) &&
		    node->UID < sizeof(ports) / sizeof(ports[0]) && ports[node->UID] == port)
			found = true;
		at += DevicePathNodeLength(&node->Header) ? DevicePathNodeLength(&node->Header) : size;
	}
	if (data)
		FreePool(data);
	return found;
}

void say_open_serial(void)
{
	u16 port = (u16)config.serial_port;
	u32 divisor = 115200 / config.serial_baud;

	serial = console_has(port) ? 0 : port;
	if (!serial)
		return;
	out8(port + UART_IER, 0);
	out8(port + UART_LCR, UART_LCR_DIVISOR);
	out8(port + 0, (u8)divisor);
	out8(port + 1, (u8)(divisor >> 8));
	out8(port + UART_LCR, UART_LCR_8N1);
	out8(port + UART_FCR, 0x07);
	out8(port + UART_MCR, 0x03);
}

static void serial_put(char c)
{
	for (int i = 0; i < UART_POLLS && !(in8(serial + UART_LSR) & UART_LSR_EMPTY); i++)
		;
	out8(serial + UART_DATA, (u8)c);
}

static void serial_line(const CHAR16 *line)
{
	for (const char *c = "nacelle: "; *c; c++)
		serial_put(*c);
	for (; *line; line++)
		serial_put(*line < 0x80 ? (char)*line : '?');
	serial_put('\r');
	serial_put('\n');
}

void say(const CHAR16 *format, ...)
{
	CHAR16 line[LINE_MAX];
	va_list args;

	va_start(args, format);
	VSPrint(line, sizeof(line), format, args);
	va_end(args);
	Print(L"nacelle: %s\n", line);
	if (serial)
		serial_line(line);
}

bool refuse(const CHAR16 *format, ...)
{
	va_list args;

	va_start(args, format);
	VSPrint(refusal, sizeof(refusal), format, args);
	va_end(args);
	return false;
}

const CHAR16 *status_name(EFI_STATUS status)
{
	static CHAR16 text[64];

	StatusToString(text, status);
	return text;
}
