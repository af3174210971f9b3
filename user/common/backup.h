/*
 * backup.h - a file that is in the way gets another name: cp, mv and ln with -b.
 */
#ifndef USER_COMMON_BACKUP_H
#define USER_COMMON_BACKUP_H

/*
 * The kind of --backup=WORD, or of $VERSION_CONTROL: 0 none, 's' NAME~, 'n' NAME.~N~, 'e' the latter if there are
 * some. Ends the program for another word.
 */
char backup_kind(const char *word);

/* Rename the file at `path`; `suffix` for "~", or NULL. 0, or 1 after a message. One that is not there is none. */
int back_up(const char *path, char kind, const char *suffix);

#endif
