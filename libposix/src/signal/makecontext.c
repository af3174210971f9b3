/* makecontext.c - makecontext(3): a context that calls a function on a stack of its own. */
#include <stdarg.h>
#include <ucontext.h>

void __context_end(void) __attribute__((visibility("hidden")));

void makecontext(ucontext_t *uc, void (*fn)(void), int argc, ...)
{
	unsigned long *args = &uc->uc_mcontext.__gregs[REG_A0];
	unsigned long top = (unsigned long)uc->uc_stack.ss_sp + uc->uc_stack.ss_size;
	unsigned long *more;
	va_list ap;

	/* From the ninth on they lie on the stack. */
	if (argc > 8)
		top -= 8 * (unsigned long)(argc - 8);
	top &= -16ul;
	more = (unsigned long *)top;
	va_start(ap, argc);
	for (int i = 0; i < argc; i++) {
		unsigned long value = va_arg(ap, unsigned long);

		if (i < 8)
			args[i] = value;
		else
			more[i - 8] = value;
	}
	va_end(ap);
	uc->uc_mcontext.__gregs[REG_SP] = top;
	uc->uc_mcontext.__gregs[REG_PC] = (unsigned long)fn;
	uc->uc_mcontext.__gregs[REG_RA] = (unsigned long)__context_end;
	uc->uc_mcontext.__gregs[REG_S0] = (unsigned long)uc;
}
