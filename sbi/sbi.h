/*
 * The SBI client: typed calls to the machine-mode firmware (RISC-V SBI
 * specification 1.0; DBCN from 2.0). All return 0 or a negative SBI_ERR_*, do
 * not sleep, take no lock and may be called in any context on any hart.
 */
#ifndef SBI_SBI_H
#define SBI_SBI_H

#include <types.h>

#define SBI_ERR_FAILED		  (-1)
#define SBI_ERR_NOT_SUPPORTED	  (-2)
#define SBI_ERR_INVALID_PARAM	  (-3)
#define SBI_ERR_DENIED		  (-4)
#define SBI_ERR_INVALID_ADDRESS	  (-5)
#define SBI_ERR_ALREADY_AVAILABLE (-6)

/* What the firmware has, found by sbi_init. */
struct sbi_info {
	u32 version; /* major << 24 | minor */
	u32 impl_id; /* 1 is OpenSBI */
	u32 impl_version;
	u64 mvendorid, marchid, mimpid; /* of the hart that asked; the same CSRs */
	bool time, ipi, rfence, hsm, srst, dbcn;
};
extern struct sbi_info sbi_info;
void sbi_init(void); /* boot hart, first of all */

/* TIME: a supervisor timer interrupt when the time CSR reaches ticks; clears a pending one. */
long sbi_set_timer(u64 ticks);

/* A set of harts: bit i of mask is hart base + i. */
long sbi_send_ipi(u64 mask, u64 base);
long sbi_remote_fence_i(u64 mask, u64 base);
/* start 0 and size 0: everything. */
long sbi_remote_sfence_vma(u64 mask, u64 base, u64 start, u64 size);
long sbi_remote_sfence_vma_asid(u64 mask, u64 base, u64 start, u64 size, u64 asid);

/* HSM: the hart enters at physical addr in S-mode, MMU off, a0 its id, a1 opaque. */
long sbi_hart_start(u64 hartid, u64 addr, u64 opaque);

/* SRST: returns only on failure. */
enum sbi_reset { SBI_SHUTDOWN, SBI_COLD_REBOOT, SBI_WARM_REBOOT };
long sbi_system_reset(enum sbi_reset type, bool failure);

/* The firmware's console: DBCN where there is one, else the legacy call, a byte at a time. */
void sbi_console_write(const char *s, size_t n);
#endif
