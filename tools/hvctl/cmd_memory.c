// SPDX-License-Identifier: MIT
/*
 * cmd_memory.c: hvctl memory: every frame of RAM by its owner. The owners' sum must be all of RAM: if it
 * is not, the exit status is 1.
 */
#include <stdio.h>

#include "hvctl.h"

struct owner {
	const char *key;
	const char *text;
	u64 frames;
};
#define OWNERS 7

static void owners_of(const struct hv_ext_ledger *l, struct owner owners[OWNERS])
{
	const struct owner table[OWNERS] = {
		{"hypervisor", "the hypervisor's reservation", l->hypervisor},
		{"firmware", "firmware, not RAM to the OS", l->firmware},
		{"root", "the root alone", l->root},
		{"deposited", "deposited for children", l->deposited},
		{"child_rw", "root pages that one child may write", l->child_rw},
		{"child_ro", "root pages that children read", l->child_ro},
		{"state_pages", "root pages that the hypervisor writes", l->state_pages},
	};

	__builtin_memcpy(owners, table, sizeof(table));
}

static u64 sum_of(const struct owner owners[OWNERS])
{
	u64 sum = 0;
	int i;

	for (i = 0; i < OWNERS; i++)
		sum += owners[i].frames;
	return sum;
}

static u64 children_deposited(void)
{
	struct partition_list list;
	u64 sum = 0;
	size_t i;

	partition_list_read(&list);
	for (i = 1; i < list.count; i++)
		sum += list.items[i].stats.pages_deposited;
	partition_list_free(&list);
	return sum;
}

static void print_ledger_json(const struct hv_ext_ledger *l, const struct owner owners[OWNERS], u64 deposits)
{
	json_t *object = json_object();
	int i;

	for (i = 0; i < OWNERS; i++)
		json_object_set_new(object, owners[i].key, json_integer((json_int_t)owners[i].frames));
	print_json(json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "frames", (json_int_t)l->total_frames, "sum",
			     (json_int_t)sum_of(owners), "children", (json_int_t)l->partitions,
			     "children_deposited", (json_int_t)deposits, "root_tables_total",
			     (json_int_t)l->root_tables_total, "root_tables_free",
			     (json_int_t)l->root_tables_free, "owners", object));
}

static void print_ledger_text(const struct hv_ext_ledger *l, const struct owner owners[OWNERS])
{
	int i;

	printf("%12s  %12s  %s\n", "frames", "KiB", "owner");
	for (i = 0; i < OWNERS; i++)
		printf("%12llu  %12llu  %s\n", (unsigned long long)owners[i].frames,
		       (unsigned long long)owners[i].frames * 4, owners[i].text);
	printf("%12llu  %12llu  all of RAM\n", (unsigned long long)l->total_frames,
	       (unsigned long long)l->total_frames * 4);
	printf("children: %llu; tables for splitting the root's map: %llu of %llu free\n",
	       (unsigned long long)l->partitions, (unsigned long long)l->root_tables_free,
	       (unsigned long long)l->root_tables_total);
}

int cmd_memory(bool json)
{
	struct owner owners[OWNERS];
	struct hv_ext_ledger ledger;
	u64 sum, deposits;

	device_ledger(&ledger);
	owners_of(&ledger, owners);
	sum = sum_of(owners);
	deposits = children_deposited();
	if (json)
		print_ledger_json(&ledger, owners, deposits);
	else
		print_ledger_text(&ledger, owners);
	if (sum != ledger.total_frames) {
		fprintf(stderr, "hvctl: the owners' sum is %llu frames, RAM has %llu\n",
			(unsigned long long)sum, (unsigned long long)ledger.total_frames);
		return 1;
	}
	return 0;
}
