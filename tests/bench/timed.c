/* SPDX-License-Identifier: MIT */
/*
 * timed: runs a command N times, from fork and exec to its end, and reports the median; a command that fails
 * ends it. What the command prints goes to standard error.
 *
 *   timed KEY N COMMAND ARG...      "%" as an argument becomes b0, b1, …
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stats.h"

#define RUNS_MAX 1000

static uint64_t run_once(char *const argv[])
{
	uint64_t start = ticks();
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		dup2(2, 1);
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "timed: %s failed (status %#x)\n", argv[0], pid < 0 ? 0 : status);
		exit(1);
	}
	return ticks() - start;
}

int main(int argc, char **argv)
{
	static uint64_t samples[RUNS_MAX];
	int n = argc > 3 ? atoi(argv[2]) : 0, name_at = 0;
	char name[16];

	if (n < 1 || n > RUNS_MAX)
		return 2;
	for (int i = 3; i < argc; i++)
		if (strcmp(argv[i], "%") == 0)
			name_at = i;
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "b%d", i);
		if (name_at)
			argv[name_at] = name;
		samples[i] = run_once(argv + 3);
	}
	report(argv[1], median(samples, (size_t)n));
	return 0;
}
