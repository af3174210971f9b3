/* Programs that are none: damaged ELF headers, wild segments; and #! lines. */
#include "abi.h"
#include <elf.h>

static unsigned char *image;
static size_t size;

static void run(const char *what, const char *name)
{
	char *argv[] = { (char *)name, "arg1", NULL }, *envp[] = { NULL };
	int st;
	pid_t pid = MUST(fork());

	if (!pid) {
		execve(name, argv, envp);
		_exit(errno == ENOENT ? 100 : errno == ENOEXEC ? 101 : errno == EACCES ? 102 :
		      errno == EINVAL ? 103 : errno == ENOMEM ? 104 : errno == EFAULT ? 105 :
		      errno == ELIBBAD ? 106 : errno == E2BIG ? 107 : errno == ELOOP ? 108 :
		      errno == EIO ? 109 : errno == ENOTDIR ? 110 : errno == EEXIST ? 111 : 120);
	}
	waitpid(pid, &st, 0);
	static const char *codes[] = { "ENOENT", "ENOEXEC", "EACCES", "EINVAL", "ENOMEM", "EFAULT",
				       "ELIBBAD", "E2BIG", "ELOOP", "EIO", "ENOTDIR", "EEXIST" };
	int code = WIFEXITED(st) ? WEXITSTATUS(st) : -1;
	if (code >= 100 && code < 100 + (int)ARRAY_SIZE(codes))
		say("%s: %s\n", what, codes[code - 100]);
	else
		say("%s: %s\n", what, wait_text(st));
}

static Elf64_Ehdr *eh;
static Elf64_Phdr *ph;

/* Load the picture of a good program again: the smallest that exits with 42. */
static void fresh(void)
{
	static const unsigned code[] = { 0x02a00513, 0x05d00893, 0x00000073 }; /* exit(42) */

	size = PAGE + sizeof(code);
	memset(image, 0, 4 * PAGE);
	eh = (void *)image;
	memcpy(eh->e_ident, ELFMAG "\2\1\1", 7);
	eh->e_type = ET_EXEC;
	eh->e_machine = EM_RISCV;
	eh->e_version = 1;
	eh->e_entry = 0x10000 + PAGE;
	eh->e_phoff = sizeof(*eh);
	eh->e_flags = 5;
	eh->e_ehsize = sizeof(*eh);
	eh->e_phentsize = sizeof(*ph);
	eh->e_phnum = 1;
	ph = (void *)(eh + 1);
	ph->p_type = PT_LOAD;
	ph->p_flags = PF_R | PF_X;
	ph->p_offset = 0;
	ph->p_vaddr = ph->p_paddr = 0x10000;
	ph->p_filesz = ph->p_memsz = size;
	ph->p_align = PAGE;
	memcpy(image + PAGE, code, sizeof(code));
}

#define TRY(what, change)                                                                          \
	do {                                                                                       \
		fresh();                                                                           \
		change;                                                                            \
		unlink("p");                                                                       \
		put_file("p", image, size, 0755);                                                  \
		run(what, "./p");                                                                  \
	} while (0)

static void script(const char *what, const char *text)
{
	unlink("s");
	put_file("s", text, strlen(text), 0755);
	run(what, "./s");
}

int main(int argc, char **argv)
{
	char line[600];

	if (argc > 1) {
		/* we are the interpreter of a script */
		say("argc %d:", argc);
		for (int i = 0; i < argc; i++)
			say(" [%s]", argv[i]);
		say("\n");
		return argc;
	}
	image = malloc(4 * PAGE);
	SECTION("headers");
	TRY("good", (void)0);
	TRY("good, no flags", eh->e_flags = 0);
	TRY("magic", image[1] = 'X');
	TRY("32-bit class", eh->e_ident[EI_CLASS] = ELFCLASS32);
	TRY("machine", eh->e_machine = EM_X86_64);
	TRY("ET_REL", eh->e_type = ET_REL);
	TRY("ET_CORE", eh->e_type = ET_CORE);
	TRY("ET_NONE", eh->e_type = ET_NONE);
	TRY("phentsize", eh->e_phentsize = 55);
	TRY("no program headers", eh->e_phnum = 0);
	TRY("65535 program headers", eh->e_phnum = 65535);
	TRY("program headers past the end", eh->e_phoff = 1 << 20);
	TRY("wild phoff", eh->e_phoff = -8UL);
	TRY("only the ident", size = 16);
	TRY("half a header", size = 40);
	TRY("header without program header", size = 64);
	TRY("entry nowhere", eh->e_entry = 0x12345000);
	TRY("entry in the kernel", eh->e_entry = 0xffffffff80000000);
	SECTION("segments");
	TRY("kernel address", ph->p_vaddr = 0xffffffff80000000);
	TRY("address wraps", ph->p_vaddr = -PAGE);
	TRY("size wraps", ph->p_memsz = -1UL);
	TRY("huge", ph->p_memsz = 1UL << 46);
	TRY("filesz over memsz", ph->p_memsz = 100);
	TRY("not congruent", ph->p_offset = 0x100);
	TRY("offset past the end", ph->p_offset = 1 << 20);
	TRY("wild offset", ph->p_offset = -PAGE);
	TRY("file part longer than the file", ph->p_filesz = ph->p_memsz = 3 * PAGE);
	TRY("bss behind", ph->p_memsz += 10 * PAGE);
	TRY("not executable", ph->p_flags = PF_R);
	TRY("no access", ph->p_flags = 0);
	TRY("page zero", (ph->p_vaddr = 0, eh->e_entry = PAGE));
	TRY("no PT_LOAD", ph->p_type = PT_NOTE);
	TRY("two that overlap", (eh->e_phnum = 2, ph[1] = ph[0]));
	TRY("second lower than the first", (eh->e_phnum = 2, ph[1] = ph[0], ph[1].p_vaddr -= 4 * PAGE));
	TRY("second far away", (eh->e_phnum = 2, ph[1] = ph[0], ph[1].p_vaddr = 0x3000000000));
	TRY("empty segment too", (eh->e_phnum = 2, ph[1] = ph[0], ph[1].p_vaddr += 16 * PAGE,
				  ph[1].p_filesz = ph[1].p_memsz = 0));
	TRY("odd alignment", ph->p_align = 3);
	TRY("position independent", (eh->e_type = ET_DYN, ph->p_vaddr = 0, eh->e_entry = PAGE));
	SECTION("interpreter");
	TRY("not there", (eh->e_phnum = 2, ph[1] = ph[0], ph[1].p_type = PT_INTERP, ph[1].p_offset = 2000,
			  ph[1].p_filesz = 6, memcpy(image + 2000, "/none", 6)));
	TRY("without NUL", (eh->e_phnum = 2, ph[1] = ph[0], ph[1].p_type = PT_INTERP, ph[1].p_offset = 2000,
			    ph[1].p_filesz = 5, memcpy(image + 2000, "/none", 6)));
	TRY("empty", (eh->e_phnum = 2, ph[1] = ph[0], ph[1].p_type = PT_INTERP, ph[1].p_offset = 2000,
		      ph[1].p_filesz = 1));
	TRY("too long", (eh->e_phnum = 2, ph[1] = ph[0], ph[1].p_type = PT_INTERP, ph[1].p_filesz = 5000));
	TRY("no program", (eh->e_phnum = 2, ph[1] = ph[0], ph[1].p_type = PT_INTERP, ph[1].p_offset = 2000,
			   ph[1].p_filesz = 12, memcpy(image + 2000, "/etc/passwd", 12)));
	SECTION("scripts");
	script("no argument", "#!/abi/badelf\nrest\n");
	script("an argument", "#!/abi/badelf one\n");
	script("blanks", "#!  \t /abi/badelf \t one two  three \t \n");
	script("no newline", "#!/abi/badelf x");
	script("carriage return", "#!/abi/badelf\r\n");
	script("empty", "#!");
	script("blank", "#!   \n");
	script("not there", "#!/none/x\n");
	script("a folder", "#!/abi\n");
	script("relative", "#!badelf\n");
	script("plain text", "hello\n");
	strcpy(line, "#!/abi/badelf ");
	memset(line + 14, 'a', 500);
	strcpy(line + 514, "\n");
	script("a long line", line);
	memset(line + 2, 'b', 500);
	script("a long name", line);
	/* a script's interpreter may be a script, a few levels deep */
	put_file("i0", "#!/abi/badelf zero\n", 19, 0755);
	for (int i = 1; i < 7; i++) {
		char name[8];
		snprintf(name, sizeof(name), "i%d", i);
		snprintf(line, sizeof(line), "#!/tmp/abi-badelf/i%d level%d\n", i - 1, i);
		put_file(name, line, strlen(line), 0755);
		snprintf(line, sizeof(line), "./i%d", i);
		run(name, line);
	}
	put_file("self", "#!./self\n", 9, 0755);
	run("itself", "./self");
	put_file("closed", "#!/abi/badelf\n", 14, 0644);
	run("not executable", "./closed");
	return 0;
}
