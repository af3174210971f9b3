/*
 * The order of all spinlock classes. A hart that holds a lock may take only
 * locks of a higher rank (of an equal rank only where spin_lock_nested says
 * so); the debug build checks this at every lock.
 */
#ifndef SYNC_RANK_H
#define SYNC_RANK_H

enum lock_rank {
	RANK_NONE = 0,
	RANK_MOUNT, /* mount tree */
	RANK_DCACHE, /* dentry hash, tree and refcounts to zero */
	RANK_TREE, /* tarfs: names, nodes, and where they lie */
	RANK_INODE, /* inode state, inode hash */
	RANK_FILES, /* fd table */
	RANK_FS, /* fs context; a file system's own small locks */
	RANK_SOCKET,
	RANK_NET_TABLE, /* hashes of sockets, ports, fragments; routes' exceptions */
	RANK_NEIGH, /* one neighbour; inside it the table of them */
	RANK_NEIGH_TABLE,
	RANK_NETDEV, /* queues in front of a driver */
	RANK_FUTEX, /* futex bucket */
	RANK_IPC, /* a System V object, a POSIX queue */
	RANK_IPC_UNDO, /* the SEM_UNDO list of a process */
	RANK_PIPE,
	RANK_MM, /* small locks of an address space */
	RANK_PTL, /* leaf page table */
	RANK_VMOBJECT, /* page cache of one object */
	RANK_DIRTY, /* the dirty files of a file system */
	RANK_LRU,
	RANK_NETLINK, /* what waits at a netlink socket: any protocol tells of its news */
	RANK_RWSEM, /* inside a sleeping rwsem */
	/* From here on interrupts take locks too: what they may interrupt must rank lower. */
	RANK_ASYNC, /* who is signalled when a descriptor becomes ready */
	RANK_PROC_TREE, /* parents, children, sessions, pid table */
	RANK_TTY,
	RANK_SIGHAND, /* handlers and pending signals */
	RANK_CLOCK, /* adjtimex */
	RANK_PID, /* the table of process numbers */
	RANK_USER, /* counts per user */
	RANK_DRIVER, /* virtqueue, uart */
	RANK_BLOCK,
	RANK_PSI, /* what the machine waits for: looked at by a timer, which wakes */
	RANK_WAITQ, /* nearly everything wakes; a wake function may wake another queue */
	RANK_EPOLL, /* ready list: filled by wake functions */
	RANK_TIMER,
	RANK_WORK,
	RANK_PI, /* the graph of priority inheritance */
	RANK_RQ, /* run queue; two in hart order */
	RANK_RCU,
	RANK_SLAB,
	RANK_VMAP,
	RANK_BUDDY,
	RANK_RANDOM,
	RANK_IRQ,
	RANK_LOG, /* anybody may log */
	RANK_CONSOLE, /* the UART under the log */
};
#endif
