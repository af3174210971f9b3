/*
 * Rows of System V IPC and POSIX message queues: what a call costs that need not wait, and round trips
 * of two processes.
 */
#include "bench.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>

static int sems, queue;
static mqd_t there, back;
static struct {
	long type;
	char text[64];
} message = { 1, "" };

static void sem_move(unsigned short num, short by)
{
	struct sembuf op = { num, by, 0 };

	if (semop(sems, &op, 1))
		give_up("semop");
}

static void op_semop(void)
{
	sem_move(0, 1);
	sem_move(0, -1);
}

static void op_sem(void)
{
	sem_move(0, 1);
	sem_move(1, -1);
}

static void answer_sem(void)
{
	sem_move(0, -1);
	sem_move(1, 1);
}

static void send_type(long type)
{
	message.type = type;
	if (msgsnd(queue, &message, sizeof(message.text), 0))
		give_up("msgsnd");
}

static void receive_type(long type)
{
	if (msgrcv(queue, &message, sizeof(message.text), type, 0) < 0)
		give_up("msgrcv");
}

static void op_msg(void)
{
	send_type(1);
	receive_type(2);
}

static void answer_msg(void)
{
	receive_type(1);
	send_type(2);
}

static void op_mq(void)
{
	if (mq_send(there, message.text, sizeof(message.text), 1) ||
	    mq_receive(back, message.text, sizeof(message.text), NULL) < 0)
		give_up("a queue");
}

static void answer_mq(void)
{
	if (mq_receive(there, message.text, sizeof(message.text), NULL) < 0 ||
	    mq_send(back, message.text, sizeof(message.text), 1))
		give_up("a queue");
}

/* n of op against a child that answers until it is killed. */
static uint64_t round_trips(void (*op)(void), void (*answer)(void), uint64_t n)
{
	pid_t pid = MUST(fork());

	if (pid == 0)
		for (;;)
			answer();
	uint64_t t = time_calls(op, n);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return t;
}

static uint64_t row_semop(uint64_t n)
{
	sems = MUST(semget(IPC_PRIVATE, 2, 0600));
	uint64_t t = time_calls(op_semop, n);
	semctl(sems, 0, IPC_RMID);
	return t;
}

static uint64_t row_sem(uint64_t n)
{
	sems = MUST(semget(IPC_PRIVATE, 2, 0600));
	uint64_t t = round_trips(op_sem, answer_sem, n);
	semctl(sems, 0, IPC_RMID);
	return t;
}

static uint64_t row_msg(uint64_t n)
{
	queue = MUST(msgget(IPC_PRIVATE, 0600));
	uint64_t t = round_trips(op_msg, answer_msg, n);
	msgctl(queue, IPC_RMID, NULL);
	return t;
}

static uint64_t row_mq(uint64_t n)
{
	struct mq_attr a = { .mq_maxmsg = 8, .mq_msgsize = sizeof(message.text) };

	there = MUST(mq_open("/there", O_CREAT | O_RDWR, 0600, &a));
	back = MUST(mq_open("/back", O_CREAT | O_RDWR, 0600, &a));
	mq_unlink("/there");
	mq_unlink("/back");
	uint64_t t = round_trips(op_mq, answer_mq, n);
	mq_close(there);
	mq_close(back);
	return t;
}

const struct row ipc_rows[] = {
	{ "semop", 2000, 1000, .run = row_semop },
	{ "sem", 1000, 500, .run = row_sem },
	{ "msg", 1000, 500, .run = row_msg },
	{ "mq", 1000, 500, .run = row_mq },
	{ .name = NULL },
};
