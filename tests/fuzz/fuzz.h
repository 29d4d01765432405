/* SPDX-License-Identifier: MIT */
/* Shared by the fuzz targets: one file each, LLVMFuzzerTestOneInput() on bytes. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
