/*
 * What the first bytes of a program name as its interpreter: the `#!` line of a script, PT_INTERP
 * of an ELF file. Pure: the bytes come from a file that anybody may have written.
 */
#include <elf.h>
#include <string.h>

#include "profiles/internal.h"

enum {
	SCRIPT_LINE_MAX = 256, /* BINPRM_BUF_SIZE: the kernel reads no more, execve(2) */
	PROGRAM_HEADERS_MAX = 64,
};

static struct slice
skip_blanks(struct slice s)
{
	while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
		s.p++, s.n--;
	return s;
}

/* The next word of a line; `s` moves behind it. */
static struct slice
take_word(struct slice *s)
{
	struct slice word;

	*s = skip_blanks(*s);
	word = (struct slice){ s->p, 0 };
	while (word.n < s->n && word.p[word.n] != ' ' && word.p[word.n] != '\t')
		word.n++;
	s->p += word.n;
	s->n -= word.n;
	return word;
}

static bool
is_env(struct slice path)
{
	return slice_equal(path, slice_of("/usr/bin/env")) ||
	       slice_equal(path, slice_of("/bin/env"));
}

/* `env [-S] [options] [NAME=VALUE] COMMAND`: the command, or an empty word. */
static struct slice
env_command(struct slice rest)
{
	for (;;) {
		struct slice word = take_word(&rest);

		if (word.n == 0)
			return word;
		/* -Sperl: the word goes on behind the option letter. */
		if (word.n > 2 && word.p[0] == '-' && word.p[1] == 'S') {
			word.p += 2;
			word.n -= 2;
		}
		if (word.p[0] != '-' && !memchr(word.p, '=', word.n))
			return word;
	}
}

struct interpreter
interpreter_of_script(struct slice head)
{
	struct interpreter none = { INTERPRETER_NONE, { NULL, 0 } };
	struct interpreter found = { INTERPRETER_PATH, { NULL, 0 } };
	const char *newline;

	if (head.n < 3 || head.p[0] != '#' || head.p[1] != '!')
		return none;
	head.p += 2;
	head.n = (head.n < SCRIPT_LINE_MAX ? head.n : SCRIPT_LINE_MAX) - 2;
	newline = memchr(head.p, '\n', head.n);
	if (newline)
		head.n = (size_t)(newline - head.p);
	if (memchr(head.p, '\0', head.n))
		return none;
	found.name = take_word(&head);
	if (found.name.n == 0)
		return none;
	if (!is_env(found.name))
		return found;
	found.kind = INTERPRETER_ENV;
	found.name = env_command(head);
	return found.name.n > 0 ? found : none;
}

struct interpreter
interpreter_of_elf(struct slice head)
{
	struct interpreter none = { INTERPRETER_NONE, { NULL, 0 } };
	Elf64_Ehdr ehdr;

	if (head.n < sizeof(ehdr))
		return none;
	memcpy(&ehdr, head.p, sizeof(ehdr));
	if (memcmp(ehdr.e_ident, ELFMAG, SELFMAG) != 0 || ehdr.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr.e_phentsize != sizeof(Elf64_Phdr) || ehdr.e_phnum > PROGRAM_HEADERS_MAX)
		return none;
	for (size_t i = 0; i < ehdr.e_phnum; i++) {
		struct interpreter found = { INTERPRETER_PATH, { NULL, 0 } };
		const char *end;
		Elf64_Phdr phdr;

		if (ehdr.e_phoff > head.n || head.n - ehdr.e_phoff < (i + 1) * sizeof(phdr))
			return none;
		memcpy(&phdr, head.p + ehdr.e_phoff + i * sizeof(phdr), sizeof(phdr));
		if (phdr.p_type != PT_INTERP)
			continue;
		if (phdr.p_offset > head.n || phdr.p_filesz > head.n - phdr.p_offset)
			return none;
		found.name.p = head.p + phdr.p_offset;
		end = memchr(found.name.p, '\0', (size_t)phdr.p_filesz);
		if (!end || end == found.name.p)
			return none;
		found.name.n = (size_t)(end - found.name.p);
		return found;
	}
	return none;
}
