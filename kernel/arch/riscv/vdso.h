/*
 * The vDSO: an ELF image that exec maps into every process (vdso(7)), read and
 * execute only, with the page of struct vdso_data (core/time.h) mapped read-only
 * directly below it. AT_SYSINFO_EHDR is the address of the image.
 */
#ifndef ARCH_RISCV_VDSO_H
#define ARCH_RISCV_VDSO_H

#include <types.h>
/* Generated: VDSO_SIGRETURN, the offset of __vdso_rt_sigreturn in the image. */
#include <vdso_offsets.h>

/* Page aligned, VDSO_PAGES pages, in rodata: the pages themselves may be mapped into user space. */
extern const u8 vdso_image[], vdso_image_end[];
#define VDSO_PAGES 1
#endif
