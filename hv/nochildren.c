/* SPDX-License-Identifier: MIT */
/* The root alone: partitions, their memory and calls come with the next commits. */
#include <hv/partition.h>
#include <hv/gpa.h>
#include <hv/hypercall.h>
#include <hv/vp.h>
#include "svm/svm.h"
#include <x86/defs.h>
bool partition_init(u32 m){(void)m;root_partition.id=1;root_partition.privileges=HV_PRIV_CREATE_PARTITIONS;return true;}
bool gpa_read(struct partition *p, gpa_t at, void *to, u32 size){(void)p;(void)at;(void)to;(void)size;return false;}
bool gpa_write(struct partition *p, gpa_t at, const void *to, u32 size){(void)p;(void)at;(void)to;(void)size;return false;}
bool gpa_writable(struct partition *p, gpa_t at){(void)p;(void)at;return false;}
void vp_skip(struct vp *vp, u8 length){vp->rip+=length;}
static u32 nop(struct call *c){(void)c;return 0;}
const struct call_info hypercall_table[]={{8,CALL_FAST|CALL_CHILD,8,0,0,0,0,0,nop,"x"}};
const u32 hypercall_table_size=1;
u32 svm_get_register(struct vp *vp, u32 name, union hv_register_value *value){(void)vp;(void)name;(void)value;return 5;}
u32 svm_set_register(struct vp *vp, u32 name, const union hv_register_value *value){(void)vp;(void)name;(void)value;return 5;}
const char *svm_state_invalid(struct vp *vp){(void)vp;return 0;}
const char *svm_check_vmcb(const struct vmcb *v){(void)v;return 0;}
void svm_paging_state(struct vp *vp, struct paging_state *s)
{
	const struct vmcb *v = svm_vmcb(vp);
	*s = (struct paging_state){.cr0=v->cr0_,.cr3=v->cr3_,.cr4=v->cr4_,.efer=v->efer_,.cs_base=v->cs_.base,.cpl=v->cpl_,
	.code64=(v->efer_&EFER_LMA)&&(v->cs_.attributes&0x200)};
}
