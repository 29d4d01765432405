/* SPDX-License-Identifier: MIT */
/*
 * epoll.h: what the end of a file means for the epoll sets that watch it.
 */
#pragma once

struct file;

void epoll_forget_file(struct file *f);
