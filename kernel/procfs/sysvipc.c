/*
 * /proc/sysvipc, and the numbers of /proc/sys that are about IPC: proc(5), sysvipc(7),
 * mq_overview(7).
 */
#include "procfs/sysctl.h"

#include <uapi/errno.h>
#include <uapi/ipc.h>

#include "ipc/mqueue.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "lib/parse.h"

/* --- /proc/sysvipc ------------------------------------------------------------------ */

static void put_ids(struct text *out, const struct ipc64_perm *p)
{
	text_printf(out, " %5u %5u %5u %5u", p->uid, p->gid, p->cuid, p->cgid);
}

static int msg_show(struct text *out, const struct subject *s __unused)
{
	struct msqid64_ds ds;
	u64 index = text_begin(out);
	int id;

	if (!index)
		text_puts(out,
			  "       key      msqid perms      cbytes       qnum lspid lrpid   uid   "
			  "gid  cuid  cgid      stime      rtime      ctime\n");
	for (; (id = msg_next(&index, &ds)) >= 0; index++) {
		if (text_enough(out)) {
			out->next = index;
			break;
		}
		text_printf(out, "%10d %10d  %4o  %10lu %10lu %5u %5u", ds.msg_perm.key, id,
			    ds.msg_perm.mode, ds.msg_cbytes, ds.msg_qnum, ds.msg_lspid,
			    ds.msg_lrpid);
		put_ids(out, &ds.msg_perm);
		text_printf(out, " %10lu %10lu %10lu\n", ds.msg_stime, ds.msg_rtime, ds.msg_ctime);
	}
	return 0;
}

static int sem_show(struct text *out, const struct subject *s __unused)
{
	struct semid64_ds ds;
	u64 index = text_begin(out);
	int id;

	if (!index)
		text_puts(out,
			  "       key      semid perms      nsems   uid   gid  cuid  cgid      "
			  "otime      ctime\n");
	for (; (id = sem_next(&index, &ds)) >= 0; index++) {
		if (text_enough(out)) {
			out->next = index;
			break;
		}
		text_printf(out, "%10d %10d  %4o %10lu", ds.sem_perm.key, id, ds.sem_perm.mode,
			    ds.sem_nsems);
		put_ids(out, &ds.sem_perm);
		text_printf(out, " %10lu %10lu\n", ds.sem_otime, ds.sem_ctime);
	}
	return 0;
}

static int shm_show(struct text *out, const struct subject *s __unused)
{
	struct shmid64_ds ds;
	u64 index = text_begin(out), rss;
	int id;

	if (!index)
		text_puts(
			out,
			"       key      shmid perms                  size  cpid  lpid nattch   "
			"uid   gid  cuid  cgid      atime      dtime      ctime                   "
			"rss                  swap\n");
	for (; (id = shm_next(&index, &ds, &rss)) >= 0; index++) {
		if (text_enough(out)) {
			out->next = index;
			break;
		}
		text_printf(out, "%10d %10d  %4o %21lu %5u %5u  %5lu", ds.shm_perm.key, id,
			    ds.shm_perm.mode, ds.shm_segsz, ds.shm_cpid, ds.shm_lpid,
			    ds.shm_nattch);
		put_ids(out, &ds.shm_perm);
		text_printf(out, " %10lu %10lu %10lu %21lu %21lu\n", ds.shm_atime, ds.shm_dtime,
			    ds.shm_ctime, rss, 0UL);
	}
	return 0;
}

const struct node sysvipc_table[] = {
	NODE_FILE("msg", msg_show),
	NODE_FILE("sem", sem_show),
	NODE_FILE("shm", shm_show),
	{ .name = NULL },
};

/* --- /proc/sys ---------------------------------------------------------------------- */

/* Where current's namespace has what is `word` in the first. */
void *sysvipc_word(const void *word)
{
	return (char *)ipc_ns() + ((const char *)word - (const char *)&first_ipc);
}

/* Unsigned and of full width. */
int sysvipc_word_show(struct text *out, const struct subject *s)
{
	const u64 *word = sysvipc_word(s->node->data);

	text_printf(out, "%lu\n", READ_ONCE(*word));
	return 0;
}

int sysvipc_word_store(const struct subject *s, char *text, size_t n)
{
	const char *p = text;
	bool negative;
	u64 v;

	if (sysctl_scan(&p, text + n, &negative, &v) <= 0 || negative)
		return -EINVAL;
	WRITE_ONCE(*(u64 *)sysvipc_word(s->node->data), v);
	return sysctl_taken(text, n, p);
}

static int *const sem_numbers[] = { &first_ipc.sem_msl, &first_ipc.sem_mns, &first_ipc.sem_opm,
				    &first_ipc.sem.limit };

int sysvipc_sem_show(struct text *out, const struct subject *s __unused)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sem_numbers); i++)
		text_printf(out, "%s%d", i ? "\t" : "",
			    READ_ONCE(*(int *)sysvipc_word(sem_numbers[i])));
	text_puts(out, "\n");
	return 0;
}

/* SEMMSL, SEMMNS, SEMOPM and SEMMNI; those that are not given stay. */
int sysvipc_sem_store(const struct subject *s __unused, char *text, size_t n)
{
	int *words[ARRAY_SIZE(sem_numbers)], *limit, was, taken;

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = sysvipc_word(sem_numbers[i]);
	limit = words[ARRAY_SIZE(words) - 1];
	was = READ_ONCE(*limit);
	taken = sysctl_store_ints(words, ARRAY_SIZE(words), text, n);
	if (*limit >= 0 && *limit <= IPC_MNI)
		return taken;
	WRITE_ONCE(*limit, was);
	return -ERANGE;
}

static s64 rmid_forced_get(void)
{
	return READ_ONCE(ipc_ns()->shm_rmid_forced);
}

static int rmid_forced_set(s64 v)
{
	shm_force_rmid(v);
	return 0;
}

const struct number rmid_forced_number = { .get = rmid_forced_get,
					   .set = rmid_forced_set,
					   .max = 1 };

const struct node sys_mqueue_table[] = {
	NODE_IPC("msg_default", &first_ipc.mq_msg_default, 1, MQ_MSG_HARD),
	NODE_IPC("msg_max", &first_ipc.mq_msg_max, 1, MQ_MSG_HARD),
	NODE_IPC("msgsize_default", &first_ipc.mq_msgsize_default, MQ_MSGSIZE_MAX_LEAST,
		 MQ_MSGSIZE_HARD),
	NODE_IPC("msgsize_max", &first_ipc.mq_msgsize_max, MQ_MSGSIZE_MAX_LEAST, MQ_MSGSIZE_HARD),
	NODE_IPC("queues_max", &first_ipc.mq_queues_max, S32_MIN, S32_MAX),
	{ .name = NULL },
};
