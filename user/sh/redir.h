/*
 * redir.h - redirections: what is done after a mark is undone to it.
 */
#ifndef USER_SH_REDIR_H
#define USER_SH_REDIR_H

#include <stdbool.h>

struct redir;
struct saved_fd;

struct saved_fd *redirect_mark(void);
bool redirect(const struct redir *list, bool for_good); /* false after a message */
void redirect_undo(struct saved_fd *mark);
void redirect_keep(struct saved_fd *mark); /* they stay (exec) */

#endif
