/* SPDX-License-Identifier: MIT */
/* uvm-kernel's string functions under other names, so that they do not replace the C library's in a test. */
#ifndef UVM_RENAME_H
#define UVM_RENAME_H

#define memcpy uvm_memcpy
#define memmove uvm_memmove
#define memcmp uvm_memcmp
#define memchr uvm_memchr
#define strlen uvm_strlen
#define strnlen uvm_strnlen
#define strcmp uvm_strcmp
#define strncmp uvm_strncmp
#define strchr uvm_strchr
#define strrchr uvm_strrchr
#define strlcpy uvm_strlcpy
#define snprintf uvm_snprintf
#define vsnprintf uvm_vsnprintf
#define scnprintf uvm_scnprintf

#endif
