/* SPDX-License-Identifier: MIT */
/*
 * The log: formatted lines into a ring that the root can read (HV_EXT_CALL_READ_LOG) and, up to the
 * configured level, to the serial port.
 */
#pragma once

#include <abi/types.h>
#include <stdarg.h>
#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Conversions: %s %u %x %lu %lx, numbers with width and zero padding. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each line begins with the processor and the level's letter. */
u32 cpu_index(void);
#define LOG(level, letter, format, ...) \
	log_write(level, "hv%u: " letter " " format, cpu_index(), ##__VA_ARGS__)
#define log_error(...) LOG(LOG_ERROR, "E", __VA_ARGS__)
#define log_warning(...) LOG(LOG_WARNING, "W", __VA_ARGS__)
#define log_info(...) LOG(LOG_INFO, "I", __VA_ARGS__)
#define log_debug(...) LOG(LOG_DEBUG, "D", __VA_ARGS__)

void log_init(enum log_level level);

/* Copy what was logged from *position on, at most size bytes; *position is moved to where the text
 * begins (old text is overwritten). Returns the number of bytes. */
size_t log_read(u64 *position, char *to, size_t size);

/* From now on output ignores the lock: another processor may hold it for ever (panic). */
void log_break_lock(void);

/* format.c: like vsnprintf with the conversions above; returns the length without the NUL, cut to fit. */
size_t format_text(char *to, size_t size, const char *format, va_list arguments);
