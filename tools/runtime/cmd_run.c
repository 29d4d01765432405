/* SPDX-License-Identifier: MIT */
/*
 * cmd_run.c: `nacelle run`: bundle to launch block, worker, wait. Whatever was made for a container that did
 * not start is removed again.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/cgroup.h"
#include "lib/config.h"
#include "lib/files.h"
#include "lib/launch_build.h"
#include "lib/spawn.h"
#include "lib/state.h"
#include "lib/terminal.h"

#define SYNOPSIS "run [--bundle DIR] [--pid-file FILE] [--detach [--console-socket FILE]] ID"

extern char __executable_start[], __etext[]; /* from the linker */

struct run {
	const struct context *context;
	const char *id;
	const char *pid_file;
	const char *console_socket;
	bool detach;
	struct terminal terminal;
	char bundle[PATH_MAX];
	char rootfs[PATH_MAX];
	char cgroup[PATH_MAX];
	struct config *config;
	void *block;
	size_t block_size;
	struct state state;
};

static int read_config(struct run *r, const char *bundle, struct error *e)
{
	char path[PATH_MAX + 16];
	size_t size;
	char *text;

	if (!realpath(bundle, r->bundle))
		return error_errno(e, "cannot find the bundle %s", bundle);
	snprintf(path, sizeof(path), "%s/config.json", r->bundle);
	text = file_read(AT_FDCWD, path, CONFIG_SIZE_MAX, &size, e);
	if (!text)
		return -1;
	r->config = config_parse(text, size, e);
	free(text);
	if (!r->config)
		return error_wrap(e, "bundle %s", r->bundle);
	for (u32 i = 0; i < r->config->warning_count; i++)
		fprintf(stderr, "nacelle: warning: %s\n", r->config->warnings[i]);
	return 0;
}

static int check_rootfs(struct run *r, struct error *e)
{
	const char *path = r->config->root_path;
	struct stat st;
	int n;

	n = snprintf(r->rootfs, sizeof(r->rootfs), "%s%s%s", path[0] == '/' ? "" : r->bundle,
		     path[0] == '/' ? "" : "/", path);
	if (n >= (int)sizeof(r->rootfs))
		return error_set(e, "config.json: root.path is too long");
	if (stat(r->rootfs, &st) < 0)
		return error_errno(e, "config.json: root.path: %s", r->rootfs);
	return S_ISDIR(st.st_mode) ? 0
				   : error_set(e, "config.json: root.path: %s is no directory", r->rootfs);
}

static int prepare(struct run *r, const char *bundle, struct error *e)
{
	struct launch_source source;

	if (!state_id_ok(r->id))
		return error_set(
			e,
			"\"%.200s\" cannot be a container's name: up to %d letters, digits and _.+-, "
			"not starting with . or -",
			r->id, STATE_ID_MAX);
	if (read_config(r, bundle, e) < 0 || check_rootfs(r, e) < 0)
		return -1;
	source = (struct launch_source){r->config, r->id, r->bundle, r->context->kernel};
	r->block = launch_build(&source, &r->block_size, e);
	if (!r->block)
		return -1;
	return terminal_create(&r->terminal, r->config, r->console_socket, r->detach, e);
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* From here on nothing may interrupt: what is started must be remembered or ended. */
static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static int start_worker(struct run *r, struct error *e)
{
	struct state *s = &r->state;
	struct spawn spawn;
	int cgroup = cgroup_create(r->config, r->id, r->cgroup, sizeof(r->cgroup), e);

	if (cgroup == -1)
		return -1;
	s->started_after = clock_ns(CLOCK_BOOTTIME);
	spawn = (struct spawn){r->context->worker, r->block, r->block_size, cgroup, r->terminal.slave};
	s->pid = spawn_worker(&spawn, e);
	s->started_before = clock_ns(CLOCK_BOOTTIME);
	s->created = clock_ns(CLOCK_REALTIME) / 1000000000;
	if (cgroup >= 0)
		close(cgroup);
	return s->pid < 0 ? -1 : 0;
}

static int write_pid_file(const struct run *r, struct error *e)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", r->state.pid);

	return r->pid_file ? file_replace(AT_FDCWD, r->pid_file, text, (size_t)n, e) : 0;
}

/* Fills and saves the state; on failure the worker is ended again. */
static int remember(struct run *r, int dir, struct error *e)
{
	struct state *s = &r->state;

	strcpy(s->id, r->id);
	s->bundle = r->bundle;
	s->rootfs = r->rootfs;
	s->cgroup = r->cgroup;
	s->annotations = r->config->annotations;
	if (state_save(dir, s, e) == 0 && write_pid_file(r, e) == 0 &&
	    (!r->console_socket || terminal_send(&r->terminal, r->console_socket, e) == 0))
		return 0;
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	return -1;
}

static void clean_up(struct run *r)
{
	struct error e;

	if (cgroup_remove(r->cgroup, &e) < 0)
		report(&e);
	if (state_remove(r->context->root, r->id, &e) < 0)
		report(&e);
}

static int start(struct run *r, struct error *e)
{
	int dir;

	block_signals();
	dir = state_claim(r->context->root, r->id, e);
	if (dir < 0)
		return -1;
	if (start_worker(r, e) < 0 || remember(r, dir, e) < 0) {
		clean_up(r);
		close(dir);
		return -1;
	}
	close(dir);
	close(r->terminal.slave); /* the worker's alone: its end is the end */
	r->terminal.slave = -1;
	return 0;
}

/* Who waits for a container needs little of this program's text: the rest need not stay mapped. */
static void drop_text(void)
{
	madvise(__executable_start, (size_t)(__etext - __executable_start), MADV_DONTNEED);
}

static int finish(struct run *r)
{
	int status;

	if (r->detach)
		return EXIT_SUCCESS;
	drop_text();
	status = terminal_relay(&r->terminal, r->state.pid);
	clean_up(r);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int cmd_run(const struct context *c, int argc, char **argv)
{
	static const struct option options[] = {
		{"bundle", required_argument, NULL, 'b'},
		{"pid-file", required_argument, NULL, 'p'},
		{"detach", no_argument, NULL, 'd'},
		{"console-socket", required_argument, NULL, 's'},
		{NULL, 0, NULL, 0},
	};
	static struct run r;
	const char *bundle = ".";
	struct error e;
	int option;

	r.context = c;
	while ((option = getopt_long(argc, argv, "b:d", options, NULL)) != -1) {
		if (option == 'b')
			bundle = optarg;
		else if (option == 'p')
			r.pid_file = optarg;
		else if (option == 'd')
			r.detach = true;
		else if (option == 's')
			r.console_socket = optarg;
		else
			return usage(SYNOPSIS);
	}
	r.id = only_id(argc, argv, SYNOPSIS);
	if (!r.id)
		return EXIT_USAGE;
	if (prepare(&r, bundle, &e) < 0 || start(&r, &e) < 0) {
		report(&e);
		return EXIT_NOT_STARTED;
	}
	return finish(&r);
}
