// SPDX-License-Identifier: MIT
/*
 * list.c: all partitions with what the module and the hypervisor know of them; and JSON output.
 */
#include <stdio.h>
#include <stdlib.h>

#include "hvctl.h"

static void add(struct partition_list *list, const struct mshv_nacelle_partition *module)
{
	struct partition_info info = {.module = *module};
	struct partition_info *items;

	if (!device_stats(module->id, &info.stats))
		return;
	if (list->count == MAX_PARTITIONS)
		die("more than %d partitions", MAX_PARTITIONS);
	items = realloc(list->items, (list->count + 1) * sizeof(*items));
	if (!items)
		die("out of memory");
	list->items = items;
	list->items[list->count++] = info;
}

void partition_list_read(struct partition_list *list)
{
	struct mshv_nacelle_partition next = {.id = HV_PARTITION_ID_ROOT};

	list->count = 0;
	list->items = NULL;
	add(list, &next);
	while (device_next_partition(next.id, &next))
		add(list, &next);
}

void partition_list_free(struct partition_list *list)
{
	free(list->items);
}

void print_json(json_t *document)
{
	if (!document || json_dumpf(document, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF)
		die("cannot write JSON");
	json_decref(document);
}
