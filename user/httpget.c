/*
 * httpget - fetches one page over HTTP/1.0 and writes its body to stdout: a small program that does
 * what every client does: a name becomes addresses, one of them is connected to, text goes there
 * and back.
 */
#include "common/common.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char help[] = "usage: httpget [-i] http://HOST[:PORT][/PATH]\n"
			   "  -i  show the header too\n";

int main(int argc, char **argv)
{
	char host[256], *port, *path, *line = NULL;
	int header = 0, opt, fd, status = 0;
	size_t room = 0, n;
	char buf[8192];
	FILE *f;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "i")) != -1) {
		if (opt != 'i') {
			fputs(help, stderr);
			return 2;
		}
		header = 1;
	}
	if (optind + 1 != argc || strncmp(argv[optind], "http://", 7) ||
	    strlen(argv[optind]) >= sizeof(host)) {
		fputs(help, stderr);
		return 2;
	}
	strcpy(host, argv[optind] + 7);
	path = strchr(host, '/');
	if (path)
		*path++ = '\0';
	port = host[0] == '[' ? strchr(host, ']') : host;
	port = port ? strchr(port, ':') : NULL;
	if (port)
		*port++ = '\0';
	if (host[0] == '[' && strchr(host, ']'))
		*strchr(host, ']') = '\0';
	fd = dial(host + (host[0] == '['), port ? port : "80", AF_UNSPEC, SOCK_STREAM);
	if (fd < 0)
		err(1, "%s", host);
	f = fdopen(fd, "r+");
	if (!f)
		err(1, "fdopen");
	n = (size_t)snprintf(buf, sizeof(buf),
			     "GET /%s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n",
			     path ? path : "", host + (host[0] == '['));
	if (send(fd, buf, n, MSG_NOSIGNAL) != (ssize_t)n)
		err(1, "send");
	while (getline(&line, &room, f) > 0 && line[0] != '\r' && line[0] != '\n') {
		if (!status)
			status = strncmp(line, "HTTP/", 5) ? -1 : atoi(line + strcspn(line, " "));
		if (header)
			fputs(line, stdout);
	}
	if (header)
		putchar('\n');
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		fwrite(buf, 1, n, stdout);
	if (fflush(stdout))
		err(1, "stdout");
	return status >= 200 && status < 300 ? 0 : 1;
}
