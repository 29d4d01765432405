// SPDX-License-Identifier: MIT
/*
 * cmd_partitions.c: hvctl partitions: who is there, how large, and whose process it is.
 */
#include <stdio.h>

#include "hvctl.h"

static const char *state_name(u32 state)
{
	static const char *const names[] = {"created", "initialized", "active", "finalized"};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

static json_t *to_json(const struct partition_info *info)
{
	const struct mshv_nacelle_partition *m = &info->module;
	const struct hv_ext_stats *s = &info->stats;
	json_t *object = json_pack("{s:I,s:s,s:i,s:I,s:I,s:I,s:I}", "id", (json_int_t)s->partition_id,
				   "state", state_name(s->partition_state), "vps", (int)s->vp_count,
				   "pages_deposited", (json_int_t)s->pages_deposited, "pages_in_use",
				   (json_int_t)s->pages_in_use, "pages_mapped", (json_int_t)s->pages_mapped,
				   "dispatches", (json_int_t)s->dispatches);

	if (s->partition_id != HV_PARTITION_ID_ROOT)
		json_object_update_new(object,
				       json_pack("{s:i,s:s,s:I,s:I}", "owner_pid", (int)m->owner_pid, "owner",
						 m->owner_comm, "pages_pinned", (json_int_t)m->pages_pinned,
						 "region_pages", (json_int_t)m->region_pages));
	return object;
}

static void print_row(const struct partition_info *info)
{
	const struct mshv_nacelle_partition *m = &info->module;
	const struct hv_ext_stats *s = &info->stats;
	bool root = s->partition_id == HV_PARTITION_ID_ROOT;

	printf("%4llu  %-11s  %3u  %9llu  %9llu  %10llu  ", (unsigned long long)s->partition_id,
	       state_name(s->partition_state), s->vp_count, (unsigned long long)s->pages_deposited,
	       (unsigned long long)s->pages_mapped, (unsigned long long)s->dispatches);
	if (root)
		printf("%8s  root\n", "-");
	else
		printf("%8d  %.16s\n", m->owner_pid, m->owner_comm);
}

int cmd_partitions(bool json)
{
	struct partition_list list;
	json_t *array = json ? json_array() : NULL;
	size_t i;

	partition_list_read(&list);
	if (!json)
		printf("%4s  %-11s  %3s  %9s  %9s  %10s  %8s  %s\n", "id", "state", "vps", "deposited",
		       "mapped", "dispatches", "pid", "owner");
	for (i = 0; i < list.count; i++) {
		if (json)
			json_array_append_new(array, to_json(&list.items[i]));
		else
			print_row(&list.items[i]);
	}
	partition_list_free(&list);
	if (json)
		print_json(json_pack("{s:o}", "partitions", array));
	return 0;
}
