/* SPDX-License-Identifier: MIT */
/*
 * epoll.h: what the end of a file means for the epoll sets that watch it.
 */
#ifndef UVM_EPOLL_H
#define UVM_EPOLL_H

struct file;

void epoll_forget_file(struct file *f);

#endif
