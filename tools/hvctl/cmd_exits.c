// SPDX-License-Identifier: MIT
/*
 * cmd_exits.c: hvctl exits: how often each partition left guest mode, by kind.
 */
#include <stdio.h>

#include "hvctl.h"

static const char *const kinds[HV_EXIT_KINDS] = {
	[HV_EXIT_INTERRUPT] = "interrupt",
	[HV_EXIT_NMI] = "nmi",
	[HV_EXIT_HYPERCALL] = "hypercall",
	[HV_EXIT_CPUID] = "cpuid",
	[HV_EXIT_MSR] = "msr",
	[HV_EXIT_IO] = "io",
	[HV_EXIT_MEMORY] = "memory",
	[HV_EXIT_APIC] = "apic",
	[HV_EXIT_HALT] = "halt",
	[HV_EXIT_EXCEPTION] = "exception",
	[HV_EXIT_INTERRUPT_WINDOW] = "interrupt-window",
	[HV_EXIT_SHUTDOWN] = "shutdown",
	[HV_EXIT_VIRTUALIZATION] = "virtualization",
	[HV_EXIT_OTHER] = "other",
};

static u64 total(const struct hv_ext_stats *stats)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < HV_EXIT_KINDS; i++)
		sum += stats->exits[i];
	return sum;
}

static json_t *to_json(const struct hv_ext_stats *stats)
{
	json_t *exits = json_object();
	int i;

	for (i = 0; i < HV_EXIT_KINDS; i++)
		json_object_set_new(exits, kinds[i], json_integer((json_int_t)stats->exits[i]));
	return json_pack("{s:I,s:I,s:I,s:o}", "id", (json_int_t)stats->partition_id, "dispatches",
			 (json_int_t)stats->dispatches, "total", (json_int_t)total(stats), "exits", exits);
}

static void print_table(const struct partition_list *list)
{
	size_t p;
	int i;

	printf("%-18s", "partition");
	for (p = 0; p < list->count; p++)
		printf(" %12llu", (unsigned long long)list->items[p].stats.partition_id);
	for (i = 0; i < HV_EXIT_KINDS; i++) {
		printf("\n%-18s", kinds[i]);
		for (p = 0; p < list->count; p++)
			printf(" %12llu", (unsigned long long)list->items[p].stats.exits[i]);
	}
	printf("\n%-18s", "total");
	for (p = 0; p < list->count; p++)
		printf(" %12llu", (unsigned long long)total(&list->items[p].stats));
	printf("\n%-18s", "dispatches");
	for (p = 0; p < list->count; p++)
		printf(" %12llu", (unsigned long long)list->items[p].stats.dispatches);
	putchar('\n');
}

int cmd_exits(bool json)
{
	struct partition_list list;
	json_t *array;
	size_t i;

	partition_list_read(&list);
	if (json) {
		array = json_array();
		for (i = 0; i < list.count; i++)
			json_array_append_new(array, to_json(&list.items[i].stats));
		print_json(json_pack("{s:o}", "partitions", array));
	} else {
		print_table(&list);
	}
	partition_list_free(&list);
	return 0;
}
