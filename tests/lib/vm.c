/* SPDX-License-Identifier: MIT */
/* Small virtual machines: page tables, one payload, a data page and a stack per VP. */
#include "lib.h"

#define DEPOSIT 96
#define PTE_RW 3ULL
#define PTE_LARGE 0x83ULL
#define ALL (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)
#define CODE (HV_MAP_GPA_READABLE | HV_MAP_GPA_KERNEL_EXECUTABLE | HV_MAP_GPA_USER_EXECUTABLE)
#define DISPATCHES 2000000

void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);

extern u8 payload_start[], payload_end[];
extern const u64 hypercall_sites[]; /* in the payload; ends with 0 */

static struct hv_message simp_page[16] __attribute__((aligned(4096)));

struct hv_message *simp(void)
{
	return simp_page;
}

static bool good(u64 result, const char *what)
{
	if (status_of(result) == HV_STATUS_SUCCESS)
		return true;
	return check(false, "%s answers 0x%lx", what, result);
}

static void *vm_page(struct vm *vm)
{
	return vm->pages[vm->page_count++] = page_alloc();
}

u32 vm_map(struct vm *vm, u64 gpa, void *page, u32 flags)
{
	struct hv_input_map_gpa_pages in = {
		.partition_id = vm->id, .gpa_pfn = gpa / PAGE, .map_flags = flags};
	u64 pfn = pfn_of(page);

	return status_of(call_rep(HVCALL_MAP_GPA_PAGES, 1, &in, sizeof(in), &pfn, sizeof(pfn)));
}

u32 vm_unmap(struct vm *vm, u64 gpa, u32 pages)
{
	struct hv_input_unmap_gpa_pages in = {.partition_id = vm->id, .gpa_pfn = gpa / PAGE};

	return status_of(call_rep(HVCALL_UNMAP_GPA_PAGES, pages, &in, sizeof(in), &in, 0));
}

u32 vm_set_full(struct vm *vm, u32 vp, u32 name, union hv_register_value value)
{
	struct hv_input_set_vp_registers in = {.partition_id = vm->id, .vp_index = vp};
	struct hv_register_assoc e = {.name = name, .value = value};

	return status_of(call_rep(HVCALL_SET_VP_REGISTERS, 1, &in, sizeof(in), &e, sizeof(e)));
}

u32 vm_set(struct vm *vm, u32 vp, u32 name, u64 value)
{
	return vm_set_full(vm, vp, name, (union hv_register_value){.reg128 = {value, 0}});
}

u32 vm_get(struct vm *vm, u32 vp, u32 name, u64 *value)
{
	struct hv_input_get_vp_registers in = {.partition_id = vm->id, .vp_index = vp};
	u32 status = status_of(call_rep(HVCALL_GET_VP_REGISTERS, 1, &in, sizeof(in), &name, sizeof(name)));

	*value = *(u64 *)call_output();
	return status;
}

static bool deposit(u64 id, u32 count)
{
	u64 list[DEPOSIT];

	for (u32 i = 0; i < count; i++)
		list[i] = pfn_of(page_alloc());
	return good(call_rep(HVCALL_DEPOSIT_MEMORY, count, &id, sizeof(id), list, count * 8),
		    "DepositMemory");
}

/* VMMCALL (0F 01 D9) becomes VMCALL (0F 01 C1) where that is the processor's. */
static void choose_hypercall(u8 *copy, u64 offset)
{
	for (const u64 *site = hypercall_sites; intel() && *site; site++) {
		if (*site + 2 >= offset && *site + 2 < offset + PAGE)
			copy[*site + 2 - offset] = 0xc1;
	}
}

/* One GiB one to one in large pages, writable and executable as far as the nested tables allow. */
static bool build_memory(struct vm *vm)
{
	u64 *pml4 = vm_page(vm), *pdpt = vm_page(vm), *pd = vm_page(vm), *gdt;
	u32 failed = 0;

	pml4[0] = (VM_TABLES + PAGE) | PTE_RW;
	pdpt[0] = (VM_TABLES + 2 * PAGE) | PTE_RW;
	for (u64 i = 0; i < 512; i++)
		pd[i] = i << 21 | PTE_LARGE;
	failed |= vm_map(vm, VM_TABLES, pml4, ALL);
	failed |= vm_map(vm, VM_TABLES + PAGE, pdpt, ALL);
	failed |= vm_map(vm, VM_TABLES + 2 * PAGE, pd, ALL);
	for (u8 *from = payload_start; from < payload_end; from += PAGE) {
		void *to = vm_page(vm);

		memcpy(to, from, PAGE);
		choose_hypercall(to, (u64)(from - payload_start));
		failed |= vm_map(vm, VM_CODE + (u64)(from - payload_start), to, CODE);
	}
	for (u32 i = 0; i < vm->vps; i++) {
		vm->data[i] = vm_page(vm);
		failed |= vm_map(vm, VM_DATA + i * PAGE, vm->data[i], ALL);
		failed |= vm_map(vm, VM_STACK + i * PAGE, vm_page(vm), ALL);
	}
	gdt = (u64 *)((u8 *)vm_page(vm) + VM_GDT - VM_IDT);
	gdt[2] = 0x00af9b000000ffff;
	gdt[3] = 0x00cf93000000ffff;
	failed |= vm_map(vm, VM_IDT, (u8 *)gdt - (VM_GDT - VM_IDT), ALL);
	return check(!failed, "map the machine's memory");
}

static u32 set_segment(struct vm *vm, u32 vp, u32 name, u16 selector, u16 attributes)
{
	union hv_register_value v = {.segment = {0, 0xffffffff, selector, attributes}};

	return vm_set_full(vm, vp, name, v);
}

static bool build_vp(struct vm *vm, u32 vp, u64 entry)
{
	struct hv_input_create_vp in = {.partition_id = vm->id, .vp_index = vp};
	struct hv_input_map_vp_state_page page = {.partition_id = vm->id, .vp_index = vp, .flags = 1};
	union hv_register_value tr = {.segment = {0, 0x67, 0, 0x8b}};
	union hv_register_value gdtr = {.table = {.limit = 31, .base = VM_GDT}},
				idtr = {.table = {.limit = 0}};
	u32 failed = 0;

	if (!good(call_simple(HVCALL_CREATE_VP, &in, sizeof(in)), "CreateVp"))
		return false;
	vm->message[vp] = vm_page(vm);
	vm->registers[vp] = vm_page(vm);
	page.type = HV_VP_STATE_PAGE_INTERCEPT_MESSAGE;
	page.requested_pfn = pfn_of(vm->message[vp]);
	failed |= status_of(call_simple(HVCALL_MAP_VP_STATE_PAGE, &page, sizeof(page)));
	page.type = HV_VP_STATE_PAGE_REGISTERS;
	page.requested_pfn = pfn_of(vm->registers[vp]);
	failed |= status_of(call_simple(HVCALL_MAP_VP_STATE_PAGE, &page, sizeof(page)));

	failed |= set_segment(vm, vp, HV_X64_REGISTER_CS, 0x10, 0xa09b);
	failed |= set_segment(vm, vp, HV_X64_REGISTER_SS, 0x18, 0xc093);
	failed |= set_segment(vm, vp, HV_X64_REGISTER_DS, 0x18, 0xc093);
	failed |= set_segment(vm, vp, HV_X64_REGISTER_ES, 0x18, 0xc093);
	failed |= vm_set_full(vm, vp, HV_X64_REGISTER_TR, tr);
	failed |= vm_set_full(vm, vp, HV_X64_REGISTER_GDTR, gdtr);
	failed |= vm_set_full(vm, vp, HV_X64_REGISTER_IDTR, idtr); /* a fault is a triple fault */
	failed |= vm_set(vm, vp, HV_X64_REGISTER_CR3, VM_TABLES);
	failed |= vm_set(vm, vp, HV_X64_REGISTER_CR4, 0x6a0);  /* PAE PGE OSFXSR OSXMMEXCPT */
	failed |= vm_set(vm, vp, HV_X64_REGISTER_EFER, 0x500); /* LME LMA */
	failed |= vm_set(vm, vp, HV_X64_REGISTER_CR0, 0x80000033);
	failed |= vm_set(vm, vp, HV_X64_REGISTER_RIP, entry);
	failed |= vm_set(vm, vp, HV_X64_REGISTER_RSP, VM_STACK + (vp + 1) * PAGE - 64);
	failed |= vm_set(vm, vp, HV_X64_REGISTER_RDI, VM_DATA + vp * PAGE);
	failed |= vm_set(vm, vp, HV_X64_REGISTER_RSI, vp);
	failed |= vm_set(vm, vp, HV_X64_REGISTER_RFLAGS, 2);
	failed |= vm_set(vm, vp, HV_REGISTER_EXPLICIT_SUSPEND, 0);
	return !failed || check(false, "set the registers of VP %u", vp);
}

bool vm_create(struct vm *vm, u32 vps, void (*payload)(void))
{
	struct hv_input_create_partition in = {.flags = HV_PARTITION_CREATE_LAPIC |
							HV_PARTITION_CREATE_X2APIC};
	u64 entry = VM_CODE + (u64)((u8 *)payload - payload_start);

	memset(vm, 0, sizeof(*vm));
	vm->vps = vps;
	if (!good(call_simple(HVCALL_CREATE_PARTITION, &in, sizeof(in)), "CreatePartition"))
		return false;
	vm->id = *(u64 *)call_output();
	if (!deposit(vm->id, DEPOSIT) ||
	    !good(call_simple(HVCALL_INITIALIZE_PARTITION, &vm->id, 8), "InitializePartition") ||
	    !build_memory(vm))
		return false;
	for (u32 i = 0; i < vps; i++) {
		if (!build_vp(vm, i, entry))
			return false;
	}
	return true;
}

static bool is_zero(const u64 *page)
{
	for (u32 i = 0; i < PAGE / 8; i++) {
		if (page[i])
			return false;
	}
	return true;
}

/* Everything the pool has; false when a page comes back with something in it. */
static bool withdraw(u64 id, u32 *count)
{
	struct hv_input_withdraw_memory in = {.partition_id = id};
	bool clean = true;
	u64 result, list[64];

	do {
		result = call_rep(HVCALL_WITHDRAW_MEMORY, 64, &in, sizeof(in), &in, 0);
		memcpy(list, call_output(), sizeof(list));
		for (u32 i = 0; i < reps_of(result); i++) {
			clean = clean && is_zero((u64 *)(list[i] * PAGE));
			page_free((void *)(list[i] * PAGE));
		}
		*count += reps_of(result);
	} while (status_of(result) == HV_STATUS_SUCCESS);
	return clean && status_of(result) == HV_STATUS_NO_RESOURCES;
}

void vm_destroy(struct vm *vm)
{
	u32 count = 0;

	good(call_simple(HVCALL_FINALIZE_PARTITION, &vm->id, 8), "FinalizePartition");
	check(withdraw(vm->id, &count) && count == DEPOSIT, "all %u deposited pages come back zeroed",
	      DEPOSIT);
	check_equal(status_of(call_simple(HVCALL_DELETE_PARTITION, &vm->id, 8)), HV_STATUS_SUCCESS,
		    "delete the partition");
	while (vm->page_count)
		page_free(vm->pages[--vm->page_count]);
}

u32 vm_dispatch(struct vm *vm, u32 vp, u32 flags)
{
	struct hv_input_dispatch_vp in = {.partition_id = vm->id, .vp_index = vp, .flags = flags};
	u64 result = call_simple(HVCALL_DISPATCH_VP, &in, sizeof(in));

	memcpy(&vm->last, call_output(), sizeof(vm->last));
	return status_of(result);
}

u32 vm_run(struct vm *vm, u32 vp, bool clear)
{
	u32 flags = clear ? HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND : 0;

	for (u32 i = 0; i < DISPATCHES; i++, flags = 0) {
		u32 status = vm_dispatch(vm, vp, flags);

		if (status) {
			check(false, "DispatchVp answers 0x%x", status);
			return ~0u;
		}
		if (vm->last.dispatch_state == HV_VP_DISPATCH_BLOCKED)
			return vm->last.dispatch_event == HV_VP_DISPATCH_EVENT_INTERCEPT
				       ? vm->message[vp]->type
				       : 0;
	}
	return ~0u;
}

u32 vm_interrupt(struct vm *vm, u32 vp, u8 vector)
{
	struct hv_input_assert_virtual_interrupt in = {
		.partition_id = vm->id, .dest_addr = vp, .requested_vector = vector};

	return status_of(call_simple(HVCALL_ASSERT_VIRTUAL_INTERRUPT, &in, sizeof(in)));
}
