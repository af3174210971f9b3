/* Linked with -Bsymbolic: asks itself first. */
int side(void)
{
	return 's';
}

int ask_self(void)
{
	return side();
}
