/*
 * Classic BPF (McCanne and Jacobson, "The BSD Packet Filter"): over packets, as socket(7) has it, and
 * as seccomp(2) has it, over an array of native 32-bit words. No state, no locks.
 */
#ifndef LIB_CBPF_H
#define LIB_CBPF_H

#include <types.h>
#include <uapi/filter.h>

/*
 * May the program run over `size` bytes of data? Only the instructions that seccomp allows, jumps
 * forwards and within, loads of whole aligned words that exist, scratch words stored before they
 * are read, no constant shift beyond a word or division by zero, a return at the end. scratch: n
 * words for the check's own use. 0 or -EINVAL.
 */
int cbpf_check(const struct sock_filter *f, unsigned n, size_t size, u16 *scratch);
/* The same for packets: loads of any place and size, remainders; what is not there is seen in the run. */
int cbpf_check_packet(const struct sock_filter *f, unsigned n, u16 *scratch);

/* Where a program's loads come from: n bytes at off, in host order; false: not there. */
struct cbpf_source {
	bool (*load)(const void *arg, u32 off, unsigned n, u32 *v);
	const void *arg;
	u32 len; /* of the packet */
};
/* What a checked program returns: bytes to keep. 0 when a load is not there. */
u32 cbpf_run_packet(const struct sock_filter *f, const struct cbpf_source *src);
/* What a checked program returns for the data. A division by a zero in X returns 0. */
u32 cbpf_run(const struct sock_filter *f, const void *data, size_t size);
#endif
