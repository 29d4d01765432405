/* SPDX-License-Identifier: MIT */
/*
 * A function for GNU make: $(exit-with PREFIX) ends make with the status that the file PREFIX.<pid of make>
 * holds, and removes the file. A failed recipe alone would make it 2, whatever the command's status was (GNU
 * make's manual, "Running make"; for `load` and this file's interface "Loading Dynamic Objects").
 */

#include <gnumake.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int plugin_is_GPL_compatible;
int exit_with_gmk_setup(void);

static char *exit_with(const char *name, unsigned int count, char **arguments)
{
	char path[4096];
	int status = -1;

	(void)name;
	(void)count;
	snprintf(path, sizeof(path), "%s.%d", arguments[0], (int)getpid());
	FILE *file = fopen(path, "r");
	if (file) {
		if (fscanf(file, "%d", &status) != 1)
			status = -1;
		fclose(file);
		unlink(path);
	}
	if (status >= 0 && status <= 255)
		exit(status);
	return NULL; /* Nothing: make goes on, and its recipe fails. */
}

int exit_with_gmk_setup(void)
{
	gmk_add_function("exit-with", exit_with, 1, 1, GMK_FUNC_DEFAULT);
	return 1;
}
