/* SPDX-License-Identifier: MIT */
/*
 * elf_image.c: checks an ELF64 executable and lists its loadable segments, page-aligned, ascending and
 * apart from each other, so that the caller can map them straight from the file.
 */
#include "elf_image.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

#define PAGE 4096ULL

static const char *check_header(const Elf64_Ehdr *h, size_t size)
{
	if (size < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return "not an ELF file";
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_machine != EM_X86_64)
		return "not an ELF file for x86-64";
	if (h->e_type != ET_EXEC)
		return "not a statically linked executable (ET_EXEC)";
	if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum == 0)
		return "no program headers";
	if (h->e_phoff > size || h->e_phnum > (size - h->e_phoff) / sizeof(Elf64_Phdr))
		return "the program headers lie beyond the first page of the file";
	return NULL;
}

static const char *check_segment(const Elf64_Phdr *p, u64 file_size, u64 base, u64 span)
{
	if (p->p_filesz > p->p_memsz)
		return "a segment is larger in the file than in memory";
	if (p->p_offset > file_size || p->p_filesz > file_size - p->p_offset)
		return "a segment lies beyond the end of the file";
	if (p->p_vaddr % PAGE || p->p_offset % PAGE)
		return "a segment is not page-aligned";
	if (p->p_vaddr < base || p->p_vaddr - base > span || p->p_memsz > span - (p->p_vaddr - base))
		return "a segment lies outside the kernel's address range";
	if (!(p->p_flags & PF_R) || ((p->p_flags & PF_W) && (p->p_flags & PF_X)))
		return "a segment is unreadable, or writable and executable";
	return NULL;
}

static const char *add_segment(struct elf_image *image, const Elf64_Phdr *p)
{
	struct elf_segment *s;

	if (image->count == ELF_IMAGE_SEGMENTS_MAX)
		return "too many segments";
	if (p->p_vaddr < image->highest)
		return "the segments overlap or are not in ascending order";
	s = &image->segments[image->count++];
	s->address = p->p_vaddr;
	s->file_offset = p->p_offset;
	s->file_size = p->p_filesz;
	s->memory_size = p->p_memsz;
	s->access = p->p_flags & (PF_R | PF_W | PF_X);
	if (image->count == 1)
		image->lowest = s->address;
	image->highest = (s->address + s->memory_size + PAGE - 1) & ~(PAGE - 1);
	return NULL;
}

static const char *check_entry(const struct elf_image *image)
{
	for (u32 i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (image->entry >= s->address && image->entry - s->address < s->file_size)
			return s->access & ELF_IMAGE_EXECUTE ? NULL : "the entry point is not executable";
	}
	return "the entry point lies in no segment";
}

const char *elf_image_read(struct elf_image *image, const void *headers, size_t size, u64 file_size, u64 base,
			   u64 span)
{
	Elf64_Ehdr header;
	Elf64_Phdr p;
	const char *why;

	memset(image, 0, sizeof(*image));
	memcpy(&header, headers, size < sizeof(header) ? size : sizeof(header));
	why = check_header(&header, size);
	if (why)
		return why;
	image->entry = header.e_entry;
	for (unsigned int i = 0; i < header.e_phnum; i++) {
		memcpy(&p, (const char *)headers + header.e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_type == PT_INTERP || p.p_type == PT_DYNAMIC)
			return "dynamically linked";
		if (p.p_type != PT_LOAD || p.p_memsz == 0)
			continue;
		why = check_segment(&p, file_size, base, span);
		if (!why)
			why = add_segment(image, &p);
		if (why)
			return why;
	}
	return check_entry(image);
}
