/* Uses side() of whoever is global, and does not need him. */
int side(void) __attribute__((weak));

int ask_user(void)
{
	return side ? side() : '-';
}
