/* SPDX-License-Identifier: MIT */
/*
 * The log ring and the last words. Nothing here can fail or sleep, so that every other part may call it.
 */
#include <uvm/kernel.h>

#define LINE_MAX 256

void log_write(const char *text, size_t len)
{
	u64 *written;
	char *ring;
	u64 room;

	if (!boot)
		return;
	written = gpa_to_virt(boot->log_gpa);
	ring = (char *)(written + 1);
	room = boot->log_size - sizeof(u64);
	for (size_t i = 0; i < len; i++)
		ring[(*written + i) % room] = text[i];
	barrier();
	*written += len;
}

static void vprintk(const char *fmt, va_list ap)
{
	char line[LINE_MAX];
	u64 now = time_monotonic();
	int n;

	n = scnprintf(line, sizeof(line), "[%5lu.%06lu] ", now / NSEC_PER_SEC, now % NSEC_PER_SEC / 1000);
	vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	n = (int)strlen(line);
	line[n++] = '\n';
	log_write(line, (size_t)n);
}

void printk(int level, const char *fmt, ...)
{
	va_list ap;

	if (!boot || level > (int)boot->log_level)
		return;
	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

/* Follows frame pointers while they rise inside one stack's reach. */
void backtrace(u64 rip, u64 rbp)
{
	u64 base = rbp;

	pr_err("  at %016lx", rip);
	for (int depth = 0; depth < 16; depth++) {
		if (rbp < base || rbp - base > 16384 || (rbp & 7) || rbp < 0xffff800000000000UL)
			return;
		rip = ((u64 *)rbp)[1];
		if (!rip)
			return;
		pr_err("  by %016lx", rip);
		if (*(u64 *)rbp <= rbp)
			return;
		rbp = *(u64 *)rbp;
	}
}

void panic(const char *fmt, ...)
{
	static bool again;
	va_list ap;

	if (!again) {
		again = true;
		backtrace((u64)__builtin_return_address(0), (u64)__builtin_frame_address(0));
		va_start(ap, fmt);
		log_write("panic: ", 7);
		vprintk(fmt, ap);
		va_end(ap);
	}
	outl(NACELLE_PORT_PANIC, 1);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void machine_exit(u32 wait_status)
{
	outl(NACELLE_PORT_EXIT, wait_status);
	for (;;)
		__asm__ volatile("cli; hlt");
}
