/*
 * A5: sequences by which a terminal gives something away, does something to the user's machine or
 * types into the shell. pty_run, which plays the terminal, says which of them reached it.
 */
#include "tests/escape/attack.h"

#include <unistd.h>

int
main(void)
{
	static const char sequences[] = "\033]52;c;?\007"      /* read the clipboard */
					"\033[21t"	       /* type the title */
					"\033[1;1;1;1;10;10*y" /* type a checksum of the screen */
					"\033[5i"	       /* print */
					"\033P0;1|17/68690a\033\\" /* program a key */
					"\033]1337;File=name=eA==:aGk=\007\r\n";

	attack_twin("colour", write(1, "\033[31mred\033[0m\r\n", 14) == 14);
	(void)!write(1, sequences, sizeof(sequences) - 1);
	return 0;
}
