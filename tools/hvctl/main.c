// SPDX-License-Identifier: MIT
/*
 * main.c: hvctl, a look at the hypervisor from the root partition: picks the verb. Changes nothing.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "hvctl.h"

static const char usage[] =
	"usage: hvctl VERB [--json]\n"
	"  version      the hypervisor, the module, and their ABI\n"
	"  partitions   who is there: state, VPs, pages, owner\n"
	"  exits        how often each partition left guest mode, by kind\n"
	"  memory       every frame of RAM by its owner; fails if the sum is wrong\n"
	"  log          the hypervisor's log; -f, --follow: and what it says from now on\n"
	"  --json       as one JSON document (not with --follow)\n"
	"  -h, --help   this\n";

static int bad_usage(const char *format, const char *word)
{
	fputs("hvctl: ", stderr);
	fprintf(stderr, format, word);
	fputc('\n', stderr);
	fputs(usage, stderr);
	return 2;
}

static int run(const char *verb, bool json, bool follow)
{
	device_open();
	if (!strcmp(verb, "version"))
		return cmd_version(json);
	if (!strcmp(verb, "partitions"))
		return cmd_partitions(json);
	if (!strcmp(verb, "exits"))
		return cmd_exits(json);
	if (!strcmp(verb, "memory"))
		return cmd_memory(json);
	return cmd_log(json, follow);
}

static bool is_verb(const char *word)
{
	static const char *const verbs[] = {"version", "partitions", "exits", "memory", "log"};
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(word, verbs[i]))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"follow", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	bool json = false, follow = false;
	int option, status;

	while ((option = getopt_long(argc, argv, "fh", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = true;
			break;
		case 'f':
			follow = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind == argc)
		return bad_usage("%s", "which verb?");
	if (optind + 1 < argc)
		return bad_usage("one verb only, not also \"%s\"", argv[optind + 1]);
	if (!is_verb(argv[optind]))
		return bad_usage("no verb \"%s\"", argv[optind]);
	if (follow && (json || strcmp(argv[optind], "log")))
		return bad_usage("%s", "--follow is for the log as text");
	status = run(argv[optind], json, follow);
	if (fflush(stdout) || ferror(stdout))
		die("cannot write to standard output");
	return status;
}
