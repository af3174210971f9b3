/*
 * nameser.c - messages of name servers read record by record, and their numbers: RFC 1035 section 4.1.
 */
#include <arpa/nameser.h>
#include <errno.h>
#include <resolv.h>
#include <string.h>

unsigned ns_get16(const unsigned char *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

unsigned long ns_get32(const unsigned char *p)
{
	return (unsigned long)ns_get16(p) << 16 | ns_get16(p + 2);
}

void ns_put16(unsigned v, unsigned char *p)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

void ns_put32(unsigned long v, unsigned char *p)
{
	ns_put16((unsigned)(v >> 16), p);
	ns_put16((unsigned)v, p + 2);
}

static int bad(int err)
{
	errno = err;
	return -1;
}

int ns_msg_getflag(ns_msg m, int flag)
{
	static const struct {
		uint16_t mask, shift;
	} parts[] = {
		[ns_f_qr] = { 0x8000, 15 }, [ns_f_opcode] = { 0x7800, 11 },
		[ns_f_aa] = { 0x0400, 10 }, [ns_f_tc] = { 0x0200, 9 },
		[ns_f_rd] = { 0x0100, 8 },  [ns_f_ra] = { 0x0080, 7 },
		[ns_f_z] = { 0x0040, 6 },   [ns_f_ad] = { 0x0020, 5 },
		[ns_f_cd] = { 0x0010, 4 },  [ns_f_rcode] = { 0x000f, 0 },
	};

	return (m._flags & parts[flag].mask) >> parts[flag].shift;
}

int ns_name_uncompress(const unsigned char *msg, const unsigned char *end, const unsigned char *at,
		       char *name, size_t room)
{
	int n = dn_expand(msg, end, at, name, room > 0x7fffffff ? 0x7fffffff : (int)room);

	return n < 0 ? bad(EMSGSIZE) : n;
}

int ns_name_skip(const unsigned char **at, const unsigned char *end)
{
	int n = dn_skipname(*at, end);

	if (n < 0)
		return bad(EMSGSIZE);
	*at += n;
	return 0;
}

int ns_skiprr(const unsigned char *at, const unsigned char *end, ns_sect section, int count)
{
	const unsigned char *p = at;

	while (count-- > 0) {
		long fixed = section == ns_s_qd ? NS_QFIXEDSZ : NS_RRFIXEDSZ;
		int n = dn_skipname(p, end);

		if (n < 0 || end - p < n + fixed)
			return bad(EMSGSIZE);
		p += n + fixed;
		if (section != ns_s_qd) {
			unsigned len = ns_get16(p - 2);

			if (end - p < (long)len)
				return bad(EMSGSIZE);
			p += len;
		}
	}
	return (int)(p - at);
}

static void go_to(ns_msg *m, ns_sect section)
{
	m->_sect = section;
	m->_rrnum = section == ns_s_max ? -1 : 0;
	m->_msg_ptr = section == ns_s_max ? NULL : m->_sections[section];
}

int ns_initparse(const unsigned char *msg, int len, ns_msg *m)
{
	const unsigned char *p = msg + NS_HFIXEDSZ;

	if (len < NS_HFIXEDSZ)
		return bad(EMSGSIZE);
	memset(m, 0, sizeof(*m));
	m->_msg = msg;
	m->_eom = msg + len;
	m->_id = (uint16_t)ns_get16(msg);
	m->_flags = (uint16_t)ns_get16(msg + 2);
	for (int i = 0; i < ns_s_max; i++)
		m->_counts[i] = (uint16_t)ns_get16(msg + 4 + 2 * i);
	for (int i = 0; i < ns_s_max; i++) {
		int n;

		if (!m->_counts[i])
			continue;
		n = ns_skiprr(p, m->_eom, (ns_sect)i, m->_counts[i]);
		if (n < 0)
			return -1;
		m->_sections[i] = p;
		p += n;
	}
	if (p != m->_eom)
		return bad(EMSGSIZE);
	go_to(m, ns_s_max);
	return 0;
}

int ns_parserr(ns_msg *m, ns_sect section, int nr, ns_rr *rr)
{
	const unsigned char *p;
	int n;

	if ((unsigned)section >= ns_s_max)
		return bad(ENODEV);
	if (section != m->_sect)
		go_to(m, section);
	if (nr == -1)
		nr = m->_rrnum;
	if (nr < 0 || nr >= m->_counts[section])
		return bad(ENODEV);
	if (nr < m->_rrnum)
		go_to(m, section);
	n = ns_skiprr(m->_msg_ptr, m->_eom, section, nr - m->_rrnum);
	if (n < 0)
		return -1;
	p = m->_msg_ptr + n;
	m->_msg_ptr = p;
	m->_rrnum = nr;
	/* the record was skipped once, so all of it is there */
	n = ns_name_uncompress(m->_msg, m->_eom, p, rr->name, NS_MAXDNAME);
	if (n < 0)
		return -1;
	p += n;
	rr->type = (uint16_t)ns_get16(p);
	rr->rr_class = (uint16_t)ns_get16(p + 2);
	p += NS_QFIXEDSZ;
	rr->ttl = 0;
	rr->rdlength = 0;
	rr->rdata = NULL;
	if (section != ns_s_qd) {
		rr->ttl = (uint32_t)ns_get32(p);
		rr->rdlength = (uint16_t)ns_get16(p + 4);
		rr->rdata = p + 6;
		p += 6 + rr->rdlength;
	}
	m->_msg_ptr = p;
	if (++m->_rrnum > m->_counts[section])
		go_to(m, (ns_sect)(section + 1));
	return 0;
}
