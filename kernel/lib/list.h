/*
 * list.h - doubly linked lists threaded through their elements, and hash chains.
 *
 * `struct list_head` is a ring: the head is one of the nodes.  `struct hlist_head`
 * is one pointer wide, for hash tables.  Nothing here locks or allocates.  A node
 * that list_del or hlist_del took out is poisoned; the _init forms leave a node
 * that list_empty / hlist_unhashed recognise and that may be deleted again.
 * In the _safe iterations the current element may be taken out and freed.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <compiler.h>
#include <types.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_POISON ((void *)0xdead000000000100UL)

#define LIST_HEAD_INIT(name)     \
	{                        \
		&(name), &(name) \
	}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void list_init(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline void list_link_(struct list_head *node, struct list_head *prev,
			      struct list_head *next)
{
	next->prev = node;
	node->next = next;
	node->prev = prev;
	WRITE_ONCE(prev->next, node);
}

/* First in the list. */
static inline void list_add(struct list_head *node, struct list_head *head)
{
	list_link_(node, head, head->next);
}

/* Last in the list; with a node instead of a head: just before that node. */
static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	list_link_(node, head->prev, head);
}

/*
 * For readers under RCU: what was stored into the element before is seen by whoever finds it. It
 * is taken out with list_unlink_, which leaves its links alone, so that a reader standing on it
 * can go on.
 */
static inline void list_add_tail_rcu(struct list_head *node, struct list_head *head)
{
	node->next = head;
	node->prev = head->prev;
	__atomic_store_n(&head->prev->next, node, __ATOMIC_RELEASE);
	head->prev = node;
}

static inline void list_unlink_(struct list_head *node)
{
	node->next->prev = node->prev;
	WRITE_ONCE(node->prev->next, node->next);
}

static inline void list_del(struct list_head *node)
{
	list_unlink_(node);
	node->next = LIST_POISON;
	node->prev = LIST_POISON;
}

static inline void list_del_init(struct list_head *node)
{
	list_unlink_(node);
	list_init(node);
}

static inline void list_move(struct list_head *node, struct list_head *head)
{
	list_unlink_(node);
	list_add(node, head);
}

static inline void list_move_tail(struct list_head *node, struct list_head *head)
{
	list_unlink_(node);
	list_add_tail(node, head);
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline void list_splice_between_(struct list_head *from, struct list_head *prev,
					struct list_head *next)
{
	from->next->prev = prev;
	prev->next = from->next;
	from->prev->next = next;
	next->prev = from->prev;
}

/* All elements of `from` go to the front of `head`; `from` itself is left dangling. */
static inline void list_splice(struct list_head *from, struct list_head *head)
{
	if (!list_empty(from))
		list_splice_between_(from, head, head->next);
}

static inline void list_splice_tail(struct list_head *from, struct list_head *head)
{
	if (!list_empty(from))
		list_splice_between_(from, head->prev, head);
}

/* The same, and `from` is an empty list afterwards. */
static inline void list_splice_init(struct list_head *from, struct list_head *head)
{
	list_splice(from, head);
	list_init(from);
}

static inline void list_splice_tail_init(struct list_head *from, struct list_head *head)
{
	list_splice_tail(from, head);
	list_init(from);
}

#define list_entry(ptr, type, member)	     container_of(ptr, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member)  list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))

#define list_next_entry(p, member)	      list_entry((p)->member.next, __typeof__(*(p)), member)
#define list_prev_entry(p, member)	      list_entry((p)->member.prev, __typeof__(*(p)), member)

#define list_entry_is_head(pos, head, member) (&(pos)->member == (head))

#define list_for_each(pos, head)	      for (pos = (head)->next; pos != (head); pos = pos->next)

#define list_for_each_entry(pos, head, member)                       \
	for (pos = list_first_entry(head, __typeof__(*pos), member); \
	     !list_entry_is_head(pos, head, member); pos = list_next_entry(pos, member))

#define list_for_each_entry_reverse(pos, head, member)              \
	for (pos = list_last_entry(head, __typeof__(*pos), member); \
	     !list_entry_is_head(pos, head, member); pos = list_prev_entry(pos, member))

#define list_for_each_entry_safe(pos, n, head, member)               \
	for (pos = list_first_entry(head, __typeof__(*pos), member), \
	    n = list_next_entry(pos, member);                        \
	     !list_entry_is_head(pos, head, member); pos = n, n = list_next_entry(n, member))

/* Without the lock, under RCU: no sleeping inside. */
#define list_for_each_entry_rcu(pos, head, member)                                \
	for (pos = list_entry(READ_ONCE((head)->next), __typeof__(*pos), member); \
	     !list_entry_is_head(pos, head, member);                              \
	     pos = list_entry(READ_ONCE((pos)->member.next), __typeof__(*pos), member))

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev; /* what points at this node; NULL: on no chain */
};

struct hlist_head {
	struct hlist_node *first;
};

#define HLIST_HEAD_INIT \
	{               \
		NULL    \
	}

static inline void hlist_node_init(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return node->pprev == NULL;
}

/* Publishes with release: readers under RCU may be walking the chain. */
static inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	struct hlist_node *first = head->first;

	node->next = first;
	node->pprev = &head->first;
	if (first)
		first->pprev = &node->next;
	__atomic_store_n(&head->first, node, __ATOMIC_RELEASE);
}

/* Leaves node->next alone, so that a reader standing on it can go on. */
static inline void hlist_del(struct hlist_node *node)
{
	WRITE_ONCE(*node->pprev, node->next);
	if (node->next)
		node->next->pprev = node->pprev;
	node->pprev = NULL;
}

/* Does nothing to a node that is on no chain. */
static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	hlist_del(node);
	node->next = NULL;
}

#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_entry_safe_(ptr, type, member)                       \
	__extension__({                                            \
		struct hlist_node *hnode_ = (ptr);                 \
		hnode_ ? hlist_entry(hnode_, type, member) : NULL; \
	})

/* READ_ONCE makes this walk fit for readers under RCU as well as under the chain's lock. */
#define hlist_for_each_entry(pos, head, member)                                                  \
	for (pos = hlist_entry_safe_(READ_ONCE((head)->first), __typeof__(*(pos)), member); pos; \
	     pos = hlist_entry_safe_(READ_ONCE((pos)->member.next), __typeof__(*(pos)), member))

/* n is a struct hlist_node *. */
#define hlist_for_each_entry_safe(pos, n, head, member)                          \
	for (pos = hlist_entry_safe_((head)->first, __typeof__(*(pos)), member); \
	     pos && ((n = (pos)->member.next), 1);                               \
	     pos = hlist_entry_safe_(n, __typeof__(*(pos)), member))

#endif
