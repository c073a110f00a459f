/*
 * The filter programs of both architectures for tests: the generator itself is compiled in, so
 * that the tables of the other architecture are tested too.
 */
#ifndef TESTS_UNIT_LAUNCH_FILTER_PROGRAMS_H
#define TESTS_UNIT_LAUNCH_FILTER_PROGRAMS_H

int generator_main(int argc, char **argv);

#define main generator_main
#include "tools/gen_filter.c"
#undef main

#include "tests/harness/bpf.h"
#include "tests/harness/unit.h"

enum { ARCHITECTURES = 2, GUARDS = 2 };

static const char *const architecture_names[ARCHITECTURES] = { "x86_64", "aarch64" };

/* programs[architecture][net][guard_truncate] */
struct programs {
	struct program p[ARCHITECTURES][FILTER_NET_COUNT][GUARDS];
};

static struct programs *
programs_new(void)
{
	struct programs *all = calloc(1, sizeof(*all));

	if (!all)
		die("out of memory", "programs");
	for (unsigned int a = 0; a < ARCHITECTURES; a++) {
		struct generator *g = generator_new(architecture_names[a]);

		for (unsigned int net = 0; net < FILTER_NET_COUNT; net++) {
			for (unsigned int guard = 0; guard < GUARDS; guard++) {
				generate(g, (struct filter_choice){ (enum filter_net)net, guard });
				all->p[a][net][guard] = g->program;
			}
		}
		free(g);
	}
	return all;
}

ATTR_UNUSED static uint32_t
audit_arch(unsigned int a)
{
	return a == 0 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64;
}

/* The number of a call, or -1 where the architecture does not have it. */
ATTR_UNUSED static int
number_of(unsigned int a, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(
		a == 0 ? SCMP_ARCH_X86_64 : SCMP_ARCH_AARCH64, name);

	if (strcmp(name, "open_tree_attr") == 0)
		return 467;
	return number < 0 ? -1 : number;
}

/* A fixed sequence, so that a failure can be repeated. */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Arguments around everything the rules look at, in low words, high words and both. */
ATTR_UNUSED static uint64_t
random_argument(uint64_t *state)
{
	static const uint32_t values[] = {
		0,	   1,	       2,	   3,	       4,	   5,	      6,
		7,	   8,	       10,	   16,	       17,	   40,	      58,
		136,	   262,	       0x802,	   0x80001,    0x80801,	   0x5412,    0x5411,
		0x541c,	   0x541d,     0x5423,	   0x5424,     0x20000,	   0x20008,   0x40000,
		0x40008,   04755,      0755,	   04000,      0100,	   01000,     01001,
		01002,	   01003,      01100,	   020000000,  020200002,  0x80,      0x20000000,
		0x1200011, 0x10000011, 0x20000011, 0x40000000, 0x02000000, 0x4000000, 0xffffffff,
	};
	uint64_t r = next_random(state);
	uint64_t value = values[(r >> 8) % ARRAY_LEN(values)];

	switch (r % 8) {
	case 0:
		return value << 32;
	case 1:
		return value | 1ULL << 32;
	case 2:
		return 1ULL << ((r >> 8) % 64);
	case 3:
		return next_random(state);
	default:
		return value;
	}
}

#endif
