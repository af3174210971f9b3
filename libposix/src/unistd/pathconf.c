/* pathconf.c - limits of a file or directory, and texts of the system: pathconf(3), confstr(3). */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

static long answer(int what)
{
	static const short values[] = {
		[_PC_LINK_MAX] = 127,
		[_PC_MAX_CANON] = 255,
		[_PC_MAX_INPUT] = 255,
		[_PC_NAME_MAX] = NAME_MAX,
		[_PC_PATH_MAX] = PATH_MAX,
		[_PC_PIPE_BUF] = PIPE_BUF,
		[_PC_CHOWN_RESTRICTED] = 1,
		[_PC_NO_TRUNC] = 1,
		[_PC_VDISABLE] = 0,
		[_PC_SYNC_IO] = 1,
		[_PC_ASYNC_IO] = 1,
		[_PC_PRIO_IO] = -1,
		[12] = -1,
		[_PC_FILESIZEBITS] = 64,
		[_PC_REC_INCR_XFER_SIZE] = 4096,
		[_PC_REC_MAX_XFER_SIZE] = 4096,
		[_PC_REC_MIN_XFER_SIZE] = 4096,
		[_PC_REC_XFER_ALIGN] = 4096,
		[_PC_ALLOC_SIZE_MIN] = 4096,
		[_PC_SYMLINK_MAX] = -1,
		[_PC_2_SYMLINKS] = 1,
		[_PC_TIMESTAMP_RESOLUTION] = 1,
	};

	if (what >= 0 && what < (int)(sizeof(values) / sizeof(values[0])))
		return values[what];
	errno = EINVAL;
	return -1;
}

long pathconf(const char *path, int what)
{
	struct statfs sf;

	if (statfs(path, &sf))
		return -1;
	return what == _PC_NAME_MAX ? sf.f_namelen : answer(what);
}

long fpathconf(int fd, int what)
{
	struct statfs sf;

	if (fstatfs(fd, &sf) && errno == EBADF)
		return -1;
	return answer(what);
}

size_t confstr(int what, char *dst, size_t size)
{
	const char *text;

	switch (what) {
	case _CS_PATH:
		text = "/bin:/usr/bin";
		break;
	case _CS_V6_WIDTH_RESTRICTED_ENVS:
		text = "POSIX_V6_LP64_OFF64";
		break;
	case _CS_V7_WIDTH_RESTRICTED_ENVS:
		text = "POSIX_V7_LP64_OFF64";
		break;
	case _CS_V6_ENV:
	case _CS_V7_ENV:
		text = "POSIXLY_CORRECT=1";
		break;
	default:
		/* What a compiler and linker need for one of the four environments, or for threads: nothing. */
		if ((what < _CS_POSIX_V6_ILP32_OFF32_CFLAGS ||
		     what > _CS_POSIX_V7_LPBIG_OFFBIG_LIBS) &&
		    what != _CS_POSIX_V7_THREADS_CFLAGS && what != _CS_POSIX_V7_THREADS_LDFLAGS) {
			errno = EINVAL;
			return 0;
		}
		text = "";
	}
	if (dst && size)
		strlcpy(dst, text, size);
	return strlen(text) + 1;
}
