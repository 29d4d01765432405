/* SPDX-License-Identifier: MIT */
/*
 * The kernel's log: lines into the log ring that the worker reads, and the end of the machine. Formatting
 * knows %d %u %x %o %c %s %p %% with width, precision, -, 0, #, and the lengths l ll z.
 */
#pragma once

#include <stdarg.h>
#include <uvm/types.h>

enum { LOG_ERROR = 0, LOG_WARN, LOG_INFO, LOG_DEBUG };

void printk(int level, const char *fmt, ...) __printf(2, 3);
#define pr_err(...) printk(LOG_ERROR, __VA_ARGS__)
#define pr_warn(...) printk(LOG_WARN, __VA_ARGS__)
#define pr_info(...) printk(LOG_INFO, __VA_ARGS__)
#define pr_debug(...) printk(LOG_DEBUG, __VA_ARGS__)

/* Raw text into the log ring; printk ends here. */
void log_write(const char *text, size_t len);

int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
/* As snprintf, but returns how many bytes were really stored, without the NUL. */
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* The guest kernel's own failure: reason and call chain into the log, then NACELLE_PORT_PANIC. */
__noreturn void panic(const char *fmt, ...) __printf(1, 2);
#define assert(cond)                                                   \
	do {                                                           \
		if (unlikely(!(cond)))                                 \
			panic("%s:%d: %s", __FILE__, __LINE__, #cond); \
	} while (0)
