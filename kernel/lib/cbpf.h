/*
 * Classic BPF as seccomp(2) uses it: programs over an array of native 32-bit words (McCanne and
 * Jacobson, "The BSD Packet Filter"; seccomp(2) for what is left of it). No state, no locks.
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
/* What a checked program returns for the data. A division by a zero in X returns 0. */
u32 cbpf_run(const struct sock_filter *f, const void *data, size_t size);
#endif
