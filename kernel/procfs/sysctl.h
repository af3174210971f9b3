/*
 * What the files of /proc/sys share (proc(5), "sysctl"): the kinds of rows, and the tables of its folders.
 */
#ifndef PROCFS_SYSCTL_H
#define PROCFS_SYSCTL_H

#include "procfs/procfs.h"

/* A folder; a text that never changes; a file with functions of its own; one of them that is only read. */
#define NODE_SYS_DIR(nm, table)                                                            \
	{                                                                                  \
		.name = (nm), .mode = S_IFDIR | 0555, .flags = NODE_SYSCTL, .sub = (table) \
	}
#define NODE_CONST(nm, text)                                                                       \
	{                                                                                          \
		.name = (nm), .mode = S_IFREG | 0444, .flags = NODE_SYSCTL, .show = constant_show, \
		.data = (text)                                                                     \
	}
#define NODE_STORE(nm, md, get, set)                                                       \
	{                                                                                  \
		.name = (nm), .mode = S_IFREG | (md), .flags = NODE_SYSCTL, .show = (get), \
		.store = (set)                                                             \
	}
#define NODE_SYS(nm, fn) NODE_STORE(nm, 0444, fn, NULL)
#define NODE_WORD(nm, where)                                                            \
	{                                                                               \
		.name = (nm), .mode = S_IFREG | 0644, .flags = NODE_SYSCTL,             \
		.show = sysvipc_word_show, .store = sysvipc_word_store, .data = (where) \
	}

/* A row of /proc/sys that is a struct number. */
#define NODE_NUMBER(nm, md, num)                                                                 \
	{                                                                                        \
		.name = (nm), .mode = S_IFREG | (md), .flags = NODE_SYSCTL, .show = number_show, \
		.store = (md)&0222 ? number_store : NULL, .data = (num)                          \
	}
/* An int between two others. */
#define NODE_INT(nm, where, least, most) \
	NODE_NUMBER(nm, 0644,            \
		    (&(const struct number){ .word = (where), .min = (least), .max = (most) }))

/* A number of 64 bits. */
#define NODE_WIDE(nm, where) \
	NODE_NUMBER(nm, 0644, (&(const struct number){ .wide = (where), .full = true }))

/* An int that each namespace of IPC has its own of. */
#define NODE_IPC(nm, where, least, most)     \
	NODE_NUMBER(nm, 0644,                \
		    (&(const struct number){ \
			    .word = (where), .of = sysvipc_word, .min = (least), .max = (most) }))
void *sysvipc_word(const void *word);

/* The folders, each in the file of its name: sys_kernel.c, sys_vm.c, sysvipc.c, keys.c, net_sys_ip.c. */
extern const struct node sys_kernel_table[], sys_vm_table[], sys_mqueue_table[], keys_table[];
extern const struct node net_ipv4_table[], net_ipv6_table[];

/* What is of IPC in the folder kernel: sysvipc.c. */
extern const struct number rmid_forced_number;
int sysvipc_word_show(struct text *out, const struct subject *s);
int sysvipc_word_store(const struct subject *s, char *text, size_t n);
int sysvipc_sem_show(struct text *out, const struct subject *s);
int sysvipc_sem_store(const struct subject *s, char *text, size_t n);
#endif
