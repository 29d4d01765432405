# SPDX-License-Identifier: MIT
# The unit tests outside of hv: sources, flags, libraries.

boot := boot_config boot_elf
boot_config_SRC := boot/config.c
boot_elf_SRC := boot/elf.c

worker := worker_queue worker_elf
worker_queue_SRC := tools/worker/queue.c tools/worker/memory.c
worker_elf_SRC := tools/worker/elf_image.c

runtime := runtime_config
runtime_config_SRC := $(addprefix tools/runtime/lib/,config.c config_linux.c config_mounts.c config_process.c error.c)
runtime_config_LIBS := -ljansson
