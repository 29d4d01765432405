/* SPDX-License-Identifier: MIT */
/* Registers by name: what is kept, what is refused, and state pages. */
#include "tests.h"

#define REFUSED HV_STATUS_INVALID_REGISTER_VALUE
#define NONCANONICAL 0x0000800000000000ULL

static void test_round_trip(struct vm *vm)
{
	static const struct {
		u32 name;
		u64 value;
	} all[] = {
		{HV_X64_REGISTER_RAX, 0x1122334455667788},
		{HV_X64_REGISTER_R15, ~0ULL},
		{HV_X64_REGISTER_RIP, VM_CODE + 5},
		{HV_X64_REGISTER_CR2, 0xdeadbeef},
		{HV_X64_REGISTER_CR8, 7},
		{HV_X64_REGISTER_DR0, 0x1000},
		{HV_X64_REGISTER_DR6, 0xffff0ff0},
		{HV_X64_REGISTER_DR7, 0x400},
		{HV_X64_REGISTER_EFER, 0xd01},
		{HV_X64_REGISTER_KERNEL_GS_BASE, 0xffff888000000000},
		{HV_X64_REGISTER_PAT, 0x0007040600070406},
		{HV_X64_REGISTER_STAR, 0x0023001000000000},
		{HV_X64_REGISTER_LSTAR, 0xffffffff80100000},
		{HV_X64_REGISTER_SFMASK, 0x47700},
		{HV_X64_REGISTER_SYSENTER_CS, 0x10},
		{HV_X64_REGISTER_SYSENTER_EIP, 0x1234},
		{HV_X64_REGISTER_XFEM, 3},
		{HV_REGISTER_EXPLICIT_SUSPEND, 1},
		{HV_REGISTER_INTERCEPT_SUSPEND, 1},
		{HV_REGISTER_DISPATCH_SUSPEND, 1},
		{HV_REGISTER_STIMER0_CONFIG, 0x1300},
		{HV_REGISTER_INTERRUPT_STATE, 1},
	};
	u64 got;

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		check_equal(vm_set(vm, 0, all[i].name, all[i].value), 0, "set register 0x%x", all[i].name);
		check_equal(vm_get(vm, 0, all[i].name, &got), 0, "get it");
		check_equal(got, all[i].value, "it kept its value");
	}
	vm_set(vm, 0, HV_REGISTER_EXPLICIT_SUSPEND, 0);
	vm_set(vm, 0, HV_REGISTER_INTERCEPT_SUSPEND, 0);
	vm_set(vm, 0, HV_REGISTER_DISPATCH_SUSPEND, 0);
	vm_set(vm, 0, HV_REGISTER_INTERRUPT_STATE, 0);
	vm_set(vm, 0, HV_X64_REGISTER_RIP, VM_CODE);
}

static void test_refused(struct vm *vm)
{
	static const struct {
		u32 name;
		u64 value;
		const char *why;
	} all[] = {
		{HV_X64_REGISTER_CR0, 0x80000000, "paging without protection"},
		{HV_X64_REGISTER_CR0, 0x20000011, "NW without CD"},
		{HV_X64_REGISTER_CR0, 1ULL << 32, "high bits"},
		{HV_X64_REGISTER_CR3, 1ULL << 60, "address too large"},
		{HV_X64_REGISTER_CR4, 1ULL << 13, "VMX"},
		{HV_X64_REGISTER_CR4, 1ULL << 12, "5-level paging"},
		{HV_X64_REGISTER_CR4, 1ULL << 22, "protection keys"},
		{HV_X64_REGISTER_CR4, 1ULL << 63, "high bits"},
		{HV_X64_REGISTER_CR8, 16, "priority above 15"},
		{HV_X64_REGISTER_EFER, 0x1000, "SVME"},
		{HV_X64_REGISTER_EFER, 0x400, "LMA without LME"},
		{HV_X64_REGISTER_EFER, 1ULL << 31, "unknown bit"},
		{HV_X64_REGISTER_RFLAGS, 0, "bit 1 clear"},
		{HV_X64_REGISTER_RFLAGS, 0x8002, "bit 15"},
		{HV_X64_REGISTER_RFLAGS, 1ULL << 32 | 2, "high bits"},
		{HV_X64_REGISTER_RIP, NONCANONICAL, "not canonical"},
		{HV_X64_REGISTER_DR6, 1ULL << 32, "high bits"},
		{HV_X64_REGISTER_DR7, 1ULL << 32, "high bits"},
		{HV_X64_REGISTER_PAT, 2, "reserved type"},
		{HV_X64_REGISTER_PAT, 0x0800000000000000, "type 8"},
		{HV_X64_REGISTER_LSTAR, NONCANONICAL, "not canonical"},
		{HV_X64_REGISTER_KERNEL_GS_BASE, NONCANONICAL, "not canonical"},
		{HV_X64_REGISTER_SYSENTER_ESP, NONCANONICAL, "not canonical"},
		{HV_X64_REGISTER_XFEM, 2, "without x87"},
		{HV_X64_REGISTER_XFEM, 5, "AVX without SSE"},
		{HV_X64_REGISTER_XFEM, 1ULL << 9 | 3, "protection keys"},
		{HV_X64_REGISTER_APIC_BASE, 0, "moved"},
		{HV_REGISTER_EXPLICIT_SUSPEND, 2, "not 0 or 1"},
		{HV_REGISTER_STIMER0_CONFIG, 1, "not direct"},
		{HV_REGISTER_STIMER0_CONFIG, 0x10f1, "vector below 16"},
		{HV_REGISTER_STIMER0_CONFIG, 0x1303, "periodic"},
		{HV_REGISTER_INTERRUPT_STATE, 2, "NMI mask"},
	};
	union hv_register_value bad = {.segment = {NONCANONICAL, 0xffff, 0, 0x93}};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		check_equal(vm_set(vm, 0, all[i].name, all[i].value), REFUSED, "register 0x%x refused: %s",
			    all[i].name, all[i].why);
	check_equal(vm_set_full(vm, 0, HV_X64_REGISTER_FS, bad), REFUSED, "segment base not canonical");
	bad = (union hv_register_value){.segment = {0, 0xffff, 0, 0x0f93}};
	check_equal(vm_set_full(vm, 0, HV_X64_REGISTER_DS, bad), REFUSED, "segment attributes reserved");
	bad = (union hv_register_value){.table = {.limit = 10, .base = NONCANONICAL}};
	check_equal(vm_set_full(vm, 0, HV_X64_REGISTER_IDTR, bad), REFUSED, "IDT base not canonical");
	check_equal(vm_set(vm, 0, 0x12345678, 0), HV_STATUS_UNKNOWN_REGISTER_NAME, "unknown name: set");
	check_equal(vm_set(vm, 1, HV_X64_REGISTER_RAX, 0), HV_STATUS_INVALID_VP_INDEX, "unknown VP");
	check_equal(vm_set(vm, ~0u, HV_X64_REGISTER_RAX, 0), HV_STATUS_INVALID_VP_INDEX, "VP ffffffff");
}

/* The third of four elements is bad: two take effect. */
static void test_partial(struct vm *vm)
{
	struct hv_input_set_vp_registers in = {.partition_id = vm->id};
	struct hv_register_assoc e[4] = {
		{.name = HV_X64_REGISTER_RBX, .value.reg64 = 1},
		{.name = HV_X64_REGISTER_RCX, .value.reg64 = 2},
		{.name = HV_X64_REGISTER_RIP, .value.reg64 = NONCANONICAL},
		{.name = HV_X64_REGISTER_RDX, .value.reg64 = 4},
	};
	u64 rdx, result = call_rep(HVCALL_SET_VP_REGISTERS, 4, &in, sizeof(in), e, sizeof(e));

	check(status_of(result) == REFUSED && reps_of(result) == 2,
	      "an error in the third of four: two completed");
	vm_get(vm, 0, HV_X64_REGISTER_RDX, &rdx);
	check(rdx != 4, "the fourth was not touched");
	in.input_vtl = 1;
	result = call_rep(HVCALL_SET_VP_REGISTERS, 1, &in, sizeof(in), e, sizeof(e[0]));
	check_equal(status_of(result), HV_STATUS_INVALID_PARAMETER, "another VTL");
	in.input_vtl = 0;
	e[0].reserved1 = 1;
	result = call_rep(HVCALL_SET_VP_REGISTERS, 1, &in, sizeof(in), e, sizeof(e[0]));
	check_equal(status_of(result), HV_STATUS_INVALID_PARAMETER, "reserved field of an element");
}

/* Each register is fine alone, together they are not: found before the VP is entered. */
static void test_together(struct vm *vm)
{
	static const struct {
		u32 name;
		u64 value, good;
		const char *what;
	} all[] = {
		{HV_X64_REGISTER_CR4, 0x600, 0x6a0, "long mode without PAE"},
		{HV_X64_REGISTER_EFER, 0, 0x500,
		 "paging in long code without LME is fine only with matching LMA"},
		{HV_X64_REGISTER_EFER, 0x100, 0x500, "LME and paging without LMA"},
	};
	union hv_register_value cs = {.segment = {0, 0xffffffff, 0x10, 0xe09b}};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (i == 1)
			continue;
		vm_set(vm, 0, all[i].name, all[i].value);
		check_equal(vm_run(vm, 0, i != 0), HVMSG_INVALID_VP_REGISTER_VALUE, "refused at entry: %s",
			    all[i].what);
		vm_set(vm, 0, all[i].name, all[i].good);
	}
	vm_set_full(vm, 0, HV_X64_REGISTER_CS, cs);
	check_equal(vm_run(vm, 0, true), HVMSG_INVALID_VP_REGISTER_VALUE, "refused at entry: CS.L and CS.D");
	cs.segment.attributes = 0xa09b;
	vm_set_full(vm, 0, HV_X64_REGISTER_CS, cs);
	check_equal(vm_run(vm, 0, true), 0, "and it runs when all is well");
}

void test_registers(void)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload_halt))
		return;
	test_refused(&vm);
	test_partial(&vm);
	test_together(&vm);
	test_round_trip(&vm);
	vm_destroy(&vm);
}

/* ---- State pages ------------------------------------------------------------------------------------ */

static u32 map_page(struct vm *vm, u16 type, u8 flags, void *page)
{
	struct hv_input_map_vp_state_page in = {vm->id, 0, type, 0, flags, pfn_of(page)};

	return status_of(call_simple(HVCALL_MAP_VP_STATE_PAGE, &in, sizeof(in)));
}

static u32 unmap_page(struct vm *vm, u16 type)
{
	struct hv_input_unmap_vp_state_page in = {vm->id, 0, type, 0, 0};

	return status_of(call_simple(HVCALL_UNMAP_VP_STATE_PAGE, &in, sizeof(in)));
}

static void test_register_page(struct vm *vm)
{
	struct hv_vp_register_page *r = vm->registers[0];
	struct hv_x64_io_port_intercept *m = (void *)vm->message[0]->payload;
	u64 rip;

	check_equal(vm_run(vm, 0, false), HVMSG_X64_IO_PORT_INTERCEPT, "OUT is an intercept");
	check(m->port == 0x4e00 && (m->info & 7) == 4 && m->header.access_type == HV_INTERCEPT_ACCESS_WRITE,
	      "port, size and direction");
	check_equal((u32)m->rax, 0x12345678, "the value");
	check(r->valid && r->rip == m->header.rip && r->gpr[0] == m->rax && r->gpr[2] == 0x4e00,
	      "the register page");
	check_equal(r->cr3, VM_TABLES, "with CR3");
	r->rip += m->header.instruction_length;
	r->gpr[3] = 0xabc;
	r->dirty = HV_VP_REGISTER_DIRTY_RIP; /* RBX is not marked: it stays */
	check_equal(vm_run(vm, 0, true), HVMSG_X64_IO_PORT_INTERCEPT, "IN is an intercept");
	check_equal(vm->data[0][0], 1, "what lies between has run");
	check_equal(m->header.access_type, HV_INTERCEPT_ACCESS_READ, "direction in");
	vm_get(vm, 0, HV_X64_REGISTER_RBX, &rip);
	check(rip != 0xabc, "a register without its dirty bit is not taken");
	r->rip += m->header.instruction_length;
	r->gpr[0] = 0x55;
	r->dirty = HV_VP_REGISTER_DIRTY_RIP | HV_VP_REGISTER_DIRTY_GPR;
	check_equal(vm_run(vm, 0, true), 0, "then it halts");
	check_equal(vm->data[0][1], 0x55, "and has seen the value read");
}

void test_state_pages(void)
{
	struct vm vm;
	void *page = page_alloc();
	struct hv_vp_register_page *r;

	if (!vm_create(&vm, 1, payload_out))
		return;
	check_equal(map_page(&vm, HV_VP_STATE_PAGE_REGISTERS, 1, page), HV_STATUS_OBJECT_IN_USE,
		    "mapped already");
	check_equal(map_page(&vm, 2, 1, page), HV_STATUS_INVALID_PARAMETER, "no such page");
	check_equal(unmap_page(&vm, 2), HV_STATUS_INVALID_PARAMETER, "nor to unmap");
	check_equal(unmap_page(&vm, HV_VP_STATE_PAGE_REGISTERS), 0, "unmap");
	check_equal(unmap_page(&vm, HV_VP_STATE_PAGE_REGISTERS), HV_STATUS_NOT_FOUND, "not twice");
	check_equal(map_page(&vm, HV_VP_STATE_PAGE_REGISTERS, 0, page), HV_STATUS_INVALID_PARAMETER,
		    "the root must name the page");
	check_equal(map_page(&vm, HV_VP_STATE_PAGE_REGISTERS, 1, vm.data[0]), HV_STATUS_INVALID_PARAMETER,
		    "not a page of the child");
	check_equal(map_page(&vm, HV_VP_STATE_PAGE_REGISTERS, 1, page), 0, "map another page");
	vm.registers[0] = r = page;
	test_register_page(&vm);
	/* What the VMM may not say. */
	vm_set(&vm, 0, HV_X64_REGISTER_RIP, VM_CODE);
	r->valid = 1;
	r->dirty = 0x80;
	check_equal(vm_dispatch(&vm, 0, HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND), REFUSED,
		    "an unknown dirty bit");
	r->valid = 1;
	r->dirty = HV_VP_REGISTER_DIRTY_RIP;
	r->rip = NONCANONICAL;
	check_equal(vm_dispatch(&vm, 0, HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND), REFUSED,
		    "a RIP that cannot be");
	vm_destroy(&vm);
	page_free(page);
}
