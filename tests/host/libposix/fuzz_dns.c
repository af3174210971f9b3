/*
 * fuzz_dns.c - libFuzzer: what a name server may answer. Nothing outside the message is read (it is a block of
 * just its length), every name ends within its room, and the walk through the records ends.
 */
#include "lp.h"

enum { NAME = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char q[300], *msg = malloc(size ? size : 1);
	const unsigned char *rdata;
	char name[NAME];
	size_t at = 0, n, len;
	int type, records = 0, used;

	memcpy(msg, data, size);
	len = lp___dns_question(q, "www.example.org", 1, 0x1234);
	if (size >= 12)
		lp___dns_answers(msg, size, q, len);
	while (records++ < 1000 &&
	       (type = lp___dns_record(msg, size, &at, name, &rdata, &n)) >= 0) {
		if (rdata < msg || n > (size_t)(msg + size - rdata))
			FAIL("data of a record outside the message");
		if (!memchr(name, 0, NAME))
			FAIL("a name without end");
		if (n)
			lp_dn_expand(msg, msg + size, rdata, name, NAME);
	}
	for (size_t i = 0; i < size && i < 64; i++) {
		used = lp_dn_expand(msg, msg + size, msg + i, name, 1 + (int)(size % NAME));
		if (used > (int)(size - i))
			FAIL("a name of %d bytes in %zu", used, size - i);
	}
	if (size && !memchr(data, 0, size)) {
		char text[400];

		memcpy(text, data, size < 399 ? size : 399);
		text[size < 399 ? size : 399] = 0;
		if (lp___dns_question(q, text, 28, 1) > 12 + 255 + 4)
			FAIL("a question that is too long");
	}
	free(msg);
	return 0;
}
