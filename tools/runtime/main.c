/* SPDX-License-Identifier: MIT */
/*
 * nacelle: an OCI runtime whose containers are utility VMs of the Nacelle hypervisor. This file finds the
 * verb; cmd_*.c are the verbs.
 */
#include <abi/version.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/state.h"

#ifndef LIBEXEC
#define LIBEXEC "/usr/local/libexec/nacelle"
#endif

static const struct {
	const char *name;
	verb *run; /* NULL: a verb of runc's that is not there */
	const char *synopsis;
	const char *what;
} verbs[] = {
	{"run", cmd_run, "run [--bundle DIR] [--pid-file FILE] [--detach [--console-socket FILE]] ID",
	 "start a container, wait for it"},
	{"state", cmd_state, "state ID", "show a container as OCI state JSON"},
	{"list", cmd_list, "list [--format table|json] [--quiet]", "show all containers"},
	{"kill", cmd_kill, "kill ID [SIGNAL]", "send a signal (TERM) to a container's first process"},
	{"delete", cmd_delete, "delete [--force] ID", "remove what is left of a container"},
	{"create", NULL, NULL, NULL},
	{"start", NULL, NULL, NULL},
	{"exec", NULL, NULL, NULL},
	{"ps", NULL, NULL, NULL},
	{"pause", NULL, NULL, NULL},
	{"resume", NULL, NULL, NULL},
	{"update", NULL, NULL, NULL},
	{"events", NULL, NULL, NULL},
	{"spec", NULL, NULL, NULL},
	{"features", NULL, NULL, NULL},
	{"checkpoint", NULL, NULL, NULL},
	{"restore", NULL, NULL, NULL},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

int report(const struct error *e)
{
	fprintf(stderr, "nacelle: %s\n", e->text);
	return 1;
}

int usage(const char *synopsis)
{
	fprintf(stderr, "usage: nacelle %s\n", synopsis);
	return EXIT_USAGE;
}

const char *only_id(int argc, char **argv, const char *synopsis)
{
	if (optind + 1 == argc)
		return argv[optind];
	usage(synopsis);
	return NULL;
}

static int help(void)
{
	printf("nacelle %s: containers in utility VMs\n\nusage: nacelle [OPTION...] VERB [ARGUMENT...]\n\n",
	       NACELLE_VERSION_STRING);
	for (size_t i = 0; i < VERBS; i++)
		if (verbs[i].run)
			printf("  %-60s %s\n", verbs[i].synopsis, verbs[i].what);
	printf("\n  --root DIR     where the states of containers are kept (%s)\n"
	       "  --worker FILE  the program that becomes a container (%s)\n"
	       "  --kernel FILE  the kernel of utility VMs (%s)\n"
	       "  --help, --version\n\n"
	       "run ends as the container's first process did: with its exit status, or 128 + the number of "
	       "the\n"
	       "signal that killed it; 125 if the container could not be started or its machine failed.\n",
	       STATE_DEFAULT_ROOT, LIBEXEC "/nacelle-worker", LIBEXEC "/uvm-kernel");
	return EXIT_SUCCESS;
}

static int version(void)
{
	printf("nacelle version %s\nspec: 1.0.2\n", NACELLE_VERSION_STRING);
	return EXIT_SUCCESS;
}

static int run_verb(const struct context *c, int argc, char **argv)
{
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, argv[0]) != 0)
			continue;
		if (verbs[i].run) {
			optind = 0; /* the verb parses anew */
			return verbs[i].run(c, argc, argv);
		}
		fprintf(stderr,
			"nacelle: the verb %s is not supported (nacelle --help lists those that are)\n",
			argv[0]);
		return 1;
	}
	fprintf(stderr, "nacelle: there is no verb \"%s\" (see nacelle --help)\n", argv[0]);
	return EXIT_USAGE;
}

/* A closed standard stream must not become a file of ours by accident; the worker gets it closed. */
static void plug_streams(void)
{
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (fcntl(i, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) != i)
			_exit(EXIT_NOT_STARTED);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"root", required_argument, NULL, 'r'},	  {"worker", required_argument, NULL, 'w'},
		{"kernel", required_argument, NULL, 'k'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},	  {NULL, 0, NULL, 0},
	};
	struct context c = {STATE_DEFAULT_ROOT, LIBEXEC "/nacelle-worker", LIBEXEC "/uvm-kernel"};
	int option;

	plug_streams();
	while ((option = getopt_long(argc, argv, "+hv", options, NULL)) != -1) {
		switch (option) {
		case 'r':
			c.root = optarg;
			break;
		case 'w':
			c.worker = optarg;
			break;
		case 'k':
			c.kernel = optarg;
			break;
		case 'h':
			return help();
		case 'v':
			return version();
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		fprintf(stderr, "nacelle: a verb is missing (see nacelle --help)\n");
		return EXIT_USAGE;
	}
	return run_verb(&c, argc - optind, argv + optind);
}
