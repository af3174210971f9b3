/*
 * File handles (handle.h). A file is named by its inode number, which no other file of its file
 * system ever has.
 */
#include "fs/handle.h"

#define FILEID_INO32_GEN 1

int inode_fid(const struct inode *i, struct fid *out)
{
	*out = (struct fid){ .type = FILEID_INO32_GEN,
			     .bytes = sizeof(out->data),
			     .data = { 0, (u32)i->ino, (u32)(i->ino >> 32) } };
	return 0;
}
