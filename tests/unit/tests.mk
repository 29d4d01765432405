# SPDX-License-Identifier: MIT
# The unit tests outside of hv: sources, flags, libraries.

boot := boot_config boot_image
boot_config_SRC := boot/config.c
boot_image_SRC := boot/image.c

worker := worker_queue worker_elf worker_seccomp
worker_seccomp_SRC := tools/worker/seccomp_shorten.c
worker_queue_SRC := tools/worker/queue.c tools/worker/memory.c
worker_elf_SRC := tools/worker/elf_image.c

runtime := runtime_config
runtime_config_SRC := $(addprefix tools/runtime/lib/,config.c config_linux.c config_mounts.c config_process.c error.c)
runtime_config_LIBS := -ljansson

# uvm-kernel declares its own C library functions; the tests include its headers beside the host's.
uvm := uvm_strings uvm_elf uvm_boot_block uvm_tmpfs_options
UVM_FLAGS := -I$(TOP)/uvm-kernel/include -I$(TOP)/uvm-kernel/fs
uvm_strings_OBJECTS := uvm-kernel/lib/string.c uvm-kernel/lib/format.c
uvm_strings_OBJECT_FLAGS := $(UVM_FLAGS) -ffreestanding -fno-builtin -include $(TOP)/tests/unit/over/uvm_rename.h
uvm_elf_SRC := uvm-kernel/proc/elf.c
uvm_elf_FLAGS := $(UVM_FLAGS)
uvm_boot_block_SRC := uvm-kernel/boot.c tools/worker/boot_block.c tools/worker/launch.c
uvm_boot_block_FLAGS := $(UVM_FLAGS) -I$(TOP)/tools/worker
uvm_tmpfs_options_SRC := uvm-kernel/fs/tmpfs_options.c
uvm_tmpfs_options_FLAGS := $(UVM_FLAGS)
