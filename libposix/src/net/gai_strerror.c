/* gai_strerror.c - what the codes of getaddrinfo(3) mean. */
#include <netdb.h>

const char *gai_strerror(int code)
{
	static const char *const text[] = {
		[0] = "no error",
		[-EAI_BADFLAGS] = "flags that there are not",
		[-EAI_NONAME] = "no such name",
		[-EAI_AGAIN] = "no name server answers",
		[-EAI_FAIL] = "the name server failed",
		[-EAI_NODATA] = "the name has no address",
		[-EAI_FAMILY] = "the address is of another family",
		[-EAI_SOCKTYPE] = "no such type of socket",
		[-EAI_SERVICE] = "no such service",
		[-EAI_MEMORY] = "out of memory",
		[-EAI_SYSTEM] = "system error",
		[-EAI_OVERFLOW] = "the place for the answer is too small",
	};
	int n = -code;

	if (n < 0 || n >= (int)(sizeof(text) / sizeof(text[0])) || !text[n])
		return "failed";
	return text[n];
}
