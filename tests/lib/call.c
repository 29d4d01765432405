/* SPDX-License-Identifier: MIT */
/* Hypercalls with input and output pages of the library. */
#include "lib.h"

void *memcpy(void *to, const void *from, size_t n);

static u8 input[PAGE] __attribute__((aligned(4096)));
static u8 output[PAGE] __attribute__((aligned(4096)));

bool intel(void)
{
	u32 eax = 0, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ebx == 0x756e6547; /* "Genu" */
}

u64 hypercall(u64 value, u64 in, u64 out)
{
	bool vmcall = intel(); /* before r8 is set */
	register u64 r8 __asm__("r8") = out;
	u64 result;

	if (vmcall)
		__asm__ volatile("vmcall" : "=a"(result), "+c"(value) : "d"(in), "r"(r8) : "memory");
	else
		__asm__ volatile("vmmcall" : "=a"(result), "+c"(value) : "d"(in), "r"(r8) : "memory");
	return result;
}

void *call_output(void)
{
	return output;
}

u64 call_simple(u16 code, const void *in, u64 size)
{
	memcpy(input, in, size);
	return hypercall(code, (u64)input, (u64)output);
}

u64 call_rep(u16 code, u32 reps, const void *header, u64 header_size, const void *list, u64 list_size)
{
	memcpy(input, header, header_size);
	memcpy(input + header_size, list, list_size);
	return hypercall(code | (u64)reps << HV_CALL_REP_COUNT_SHIFT, (u64)input, (u64)output);
}

struct hv_ext_ledger ledger(void)
{
	struct hv_ext_ledger l = {0};

	if (status_of(hypercall(HV_EXT_CALL_GET_MEMORY_LEDGER, 0, (u64)output)) == HV_STATUS_SUCCESS)
		memcpy(&l, output, sizeof(l));
	return l;
}

/* Split tables of the root may stay split: they are not compared. */
bool ledger_equal(const struct hv_ext_ledger *a, const struct hv_ext_ledger *b)
{
	return a->total_frames == b->total_frames && a->hypervisor == b->hypervisor &&
	       a->firmware == b->firmware && a->root == b->root && a->deposited == b->deposited &&
	       a->child_rw == b->child_rw && a->child_ro == b->child_ro && a->state_pages == b->state_pages &&
	       a->partitions == b->partitions;
}
