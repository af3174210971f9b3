/*
 * What the files of procfs share: the tables of its folders and the functions
 * behind their rows. All are called in task context and may sleep.
 */
#ifndef PROCFS_PROCFS_H
#define PROCFS_PROCFS_H

#include "fs/tree/tree.h"

/* options.c: what a mount shows, and to whom; proc(5), "Mount options". */
struct proc_options;
extern const struct tree_options proc_options;
struct proc_options *
proc_options_new(const char *data); /* to be kfree'd; ERR_PTR(-EINVAL, -ENOMEM) */
int proc_option(const char *key, const char *val); /* for file_system.option */
bool proc_pids_only(const struct super *sb);
/* Does current find the process or thread by its number, and is it listed? */
bool proc_finds(const struct super *sb, struct pid *pid);
bool proc_lists(const struct super *sb, struct pid *pid);
int proc_guard(const struct subject *s, int mask); /* for node.guard: 0, -EPERM, -ENOENT */

/* The machine: root.c, devices.c. */
int cmdline_show(struct text *out, const struct subject *s);
int cpuinfo_show(struct text *out, const struct subject *s);
int devices_show(struct text *out, const struct subject *s);
int filesystems_show(struct text *out, const struct subject *s);
int interrupts_show(struct text *out, const struct subject *s);
int loadavg_show(struct text *out, const struct subject *s);
int schedstat_show(struct text *out, const struct subject *s);
int locks_show(struct text *out, const struct subject *s);
/* Of a debug kernel (lock_stat.c). */
int lock_stat_show(struct text *out, const struct subject *s);
int lock_stat_store(const struct subject *s, char *text, size_t n);
/* For fdinfo: the locks of f, and those that a table of descriptors has on its file. */
void file_locks_show(struct text *out, const struct file *f, const void *table);
int partitions_show(struct text *out, const struct subject *s);
int slabinfo_show(struct text *out, const struct subject *s);
int stat_show(struct text *out, const struct subject *s);
int swaps_show(struct text *out, const struct subject *s);
int sysrq_store(const struct subject *s, char *text, size_t n);
int uptime_show(struct text *out, const struct subject *s);
int version_show(struct text *out, const struct subject *s);

/* The rest of it: machine.c, with the folders tty and irq. */
int consoles_show(struct text *out, const struct subject *s);
int diskstats_show(struct text *out, const struct subject *s);
int misc_show(struct text *out, const struct subject *s);
int tty_drivers_show(struct text *out, const struct subject *s);
extern const struct node proc_tty_table[], proc_irq_table[];
extern const struct node proc_pressure_table[]; /* pressure.c */

extern const struct node sys_table[], sysvipc_table[]; /* sys.c, sysvipc.c */

/* keys.c */
int keys_show(struct text *out, const struct subject *s);
int key_users_show(struct text *out, const struct subject *s);

/* kernel.c */
extern const struct file_ops proc_kmsg_fops;
extern int kptr_restrict;
int kallsyms_show(struct text *out, const struct subject *s);

/* Memory: memory.c */
int buddyinfo_show(struct text *out, const struct subject *s);
int meminfo_show(struct text *out, const struct subject *s);
int vmstat_show(struct text *out, const struct subject *s);
int zoneinfo_show(struct text *out, const struct subject *s);
extern const struct file_ops page_words_fops;

/* A process or thread: pid.c. */
extern const struct node pid_dir;
bool pid_may(const struct subject *s);

/* pid_ns.c */
int pid_id_map_show(struct text *out, const struct subject *s);
int pid_id_map_store(const struct subject *s, char *text, size_t n);
int pid_timens_show(struct text *out, const struct subject *s);
int pid_timens_store(const struct subject *s, char *text, size_t n);
int pid_setgroups_show(struct text *out, const struct subject *s);
int pid_setgroups_store(const struct subject *s, char *text, size_t n);

/* pid_stat.c */
int pid_stat_show(struct text *out, const struct subject *s);
int pid_statm_show(struct text *out, const struct subject *s);
int pid_status_show(struct text *out, const struct subject *s);
int pid_sched_show(struct text *out, const struct subject *s);
int pid_schedstat_show(struct text *out, const struct subject *s);

/* pid_audit.c */
int pid_loginuid_show(struct text *out, const struct subject *s);
int pid_loginuid_store(const struct subject *s, char *text, size_t n);
int pid_sessionid_show(struct text *out, const struct subject *s);

/* pid_stack.c */
int pid_stack_show(struct text *out, const struct subject *s);
int pid_wchan_show(struct text *out, const struct subject *s);

/* pid_maps.c */
long pid_maps_ioctl(struct mm *mm, unsigned cmd, void __user *arg);
int pid_maps_show(struct text *out, const struct subject *s);
int pid_smaps_show(struct text *out, const struct subject *s);
int pid_smaps_rollup_show(struct text *out, const struct subject *s);

/* pid_pages.c */
extern const struct file_ops pid_pagemap_fops;
int pid_clear_refs_store(const struct subject *s, char *text, size_t n);
int pid_numa_maps_show(struct text *out, const struct subject *s);
int pid_map_files_lookup(const struct subject *s, const char *name, struct place *to);
bool pid_map_files_next(const struct subject *s, u64 *key, char *name, struct place *to);

/* pid_scan.c */
long pid_pagemap_ioctl(struct file *f, unsigned cmd, unsigned long arg);

/* pid_mem.c */
struct mm *pid_space(const struct subject *s); /* node.space: whom current may look into */
int pid_mm_open(struct inode *i, struct file *f); /* f->priv: the space, held; NULL without one */
void pid_mm_release(struct file *f);
s64 pid_mem_llseek(struct file *f, s64 off, int whence); /* positions are addresses */
#ifdef DEBUG
extern const struct file_ops pid_fail_fops; /* pid_fail.c */
#endif
int pid_cmdline_show(struct text *out, const struct subject *s);
int pid_environ_show(struct text *out, const struct subject *s);
int pid_auxv_show(struct text *out, const struct subject *s);
extern const struct file_ops pid_mem_fops;

/* pid_fd.c: the folders fd and fdinfo, and the links exe, cwd, root. */
int pid_fd_lookup(const struct subject *s, const char *name, struct place *to);
bool pid_fd_next(const struct subject *s, u64 *key, char *name, struct place *to);
u32 pid_fd_count(const struct subject *s);
int pid_fdinfo_lookup(const struct subject *s, const char *name, struct place *to);
bool pid_fdinfo_next(const struct subject *s, u64 *key, char *name, struct place *to);
int pid_exe_follow(const struct subject *s, struct path *out);
int pid_cwd_follow(const struct subject *s, struct path *out);
int pid_root_follow(const struct subject *s, struct path *out);
int pid_ns_follow(const struct subject *s, struct path *out);
const char *pid_path_link(const struct subject *s, char *buf,
			  size_t n); /* what the row's follow leads to */

/* mounts.c */
int pid_mounts_show(struct text *out, const struct subject *s);
int pid_mountinfo_show(struct text *out, const struct subject *s);
int pid_mountstats_show(struct text *out, const struct subject *s);

/* net.c: the folder net of a process */
extern const struct node net_table[];

/* A task's root or current directory, referenced; -ENOENT once it has none. */
int task_root(struct task *t, struct path *out);
#endif
