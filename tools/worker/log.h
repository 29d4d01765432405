/* SPDX-License-Identifier: MIT */
/* log.h: the guest kernel's log ring, as text on standard error. */
#ifndef WORKER_LOG_H
#define WORKER_LOG_H

/* What the guest logged last, up to 4 KiB. */
void log_show_tail(void);
/* The same of a guest that could not start: names the error that its last line ends with, and what to do. */
void log_explain_start(void);
/* What is new since the last call; text the ring has lost meanwhile is skipped. Any thread. */
void log_follow(void);

#endif
