/*
 * How gen_filter.c makes a program out of rules, in three steps. Rules turn each system call number
 * into a node of a decision graph; a search tree with the cheapest average path is laid over the
 * numbers, because the kernel walks the program once per number when it is installed; the graph is
 * written from its end to its start, so that every jump knows its distance.
 *
 * A header, because a tool is one source file; nobody else includes it.
 */
#ifndef TOOLS_FILTER_GRAPH_H
#define TOOLS_FILTER_GRAPH_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/hooks.h"
#include "launch/launch.h"

enum {
	X32_BIT = 0x40000000,
	NODES_MAX = 2048,
	CALLS_MAX = 256,
	RANGES_MAX = 2 * CALLS_MAX + 2,
	CODE_MAX = BPF_MAXINSNS,
	JUMP_MAX = 255,	 /* jt and jf are bytes */
	CHAIN_WIDTH = 4, /* neighbours with one answer that are still tested one by one */
	NUMBERS = 470,	 /* system calls of a current kernel: what installation walks over */
	/*
	 * Installing costs 2.6 ns per instruction walked and 160 ns per instruction checked and
	 * compiled (kernel 6.18), so a short program is worth some longer walks.
	 */
	COST_INSTRUCTION = 60,
	/* Calls with argument tests run the program each time, all others never. */
	WEIGHT_ARGUMENTS = 4,
};

enum node_kind { NODE_RETURN, NODE_LOAD, NODE_AND, NODE_JUMP };

struct node {
	enum node_kind kind;
	uint16_t op; /* BPF_JEQ, BPF_JGE, BPF_JSET */
	uint32_t k;
	enum hook tag;
	struct node *yes, *no; /* `yes` is also what follows LOAD and AND */
	int at;		       /* where it was written, counted from the end; -1 not yet */
};

struct call {
	uint32_t number;
	struct node *node;
};

struct range {
	uint32_t first, last;
	struct node *node;
};

struct program {
	struct sock_filter code[CODE_MAX];
	unsigned char tag[CODE_MAX];
	int length;
};

struct generator {
	const char *architecture;
	uint32_t seccomp_arch, audit_arch;
	bool x86_64;
	bool i386; /* the section for its 32-bit calls is being made */
	struct filter_choice choice;

	struct node node[NODES_MAX];
	size_t nodes;
	struct call call[CALLS_MAX];
	size_t calls;
	struct range range[RANGES_MAX];
	size_t ranges;
	uint32_t cost[RANGES_MAX][RANGES_MAX];
	uint16_t split[RANGES_MAX][RANGES_MAX]; /* first range of the right half; 0: a chain */
	struct program program;
};

static _Noreturn void
die(const char *what, const char *object)
{
	fprintf(stderr, "gen_filter: %s: %s\n", what, object);
	exit(1);
}

/* ---- nodes; equal ones are one --------------------------------------------------------------- */

static struct node *
node_make(struct generator *g, struct node n)
{
	for (size_t i = 0; i < g->nodes; i++) {
		struct node *o = &g->node[i];

		if (o->kind == n.kind && o->op == n.op && o->k == n.k && o->tag == n.tag &&
		    o->yes == n.yes && o->no == n.no)
			return o;
	}
	if (g->nodes == NODES_MAX)
		die("too many nodes", g->architecture);
	g->node[g->nodes] = n;
	return &g->node[g->nodes++];
}

static struct node *
allow(struct generator *g)
{
	return node_make(g, (struct node){ .kind = NODE_RETURN, .k = SECCOMP_RET_ALLOW, .at = -1 });
}

/* The tag keeps the returns of two defences apart, also where the errno is the same. */
static struct node *
deny(struct generator *g, int error, enum hook tag)
{
	return node_make(g, (struct node){ .kind = NODE_RETURN,
					   .k = SECCOMP_RET_ERRNO | (uint32_t)error,
					   .tag = tag,
					   .at = -1 });
}

static struct node *
load(struct generator *g, size_t offset, struct node *next)
{
	return node_make(
		g,
		(struct node){ .kind = NODE_LOAD, .k = (uint32_t)offset, .yes = next, .at = -1 });
}

/* The low word: all the kernel looks at where the parameter is an int or a mode. */
static struct node *
argument(struct generator *g, unsigned int i, struct node *next)
{
	return load(g, offsetof(struct seccomp_data, args) + 8 * i, next);
}

static struct node *
mask(struct generator *g, uint32_t bits, struct node *next)
{
	return node_make(g, (struct node){ .kind = NODE_AND, .k = bits, .yes = next, .at = -1 });
}

static struct node *
jump(struct generator *g, uint16_t op, uint32_t k, struct node *yes, struct node *no)
{
	if (yes == no)
		return yes;
	return node_make(
		g, (struct node){
			   .kind = NODE_JUMP, .op = op, .k = k, .yes = yes, .no = no, .at = -1 });
}

static struct node *
equal(struct generator *g, uint32_t k, struct node *yes, struct node *no)
{
	return jump(g, BPF_JEQ, k, yes, no);
}

static struct node *
any_bit(struct generator *g, uint32_t bits, struct node *yes, struct node *no)
{
	return jump(g, BPF_JSET, bits, yes, no);
}

static struct node *
one_of(struct generator *g, const uint32_t *k, size_t n, struct node *yes, struct node *no)
{
	struct node *next = no;

	while (n > 0)
		next = equal(g, k[--n], yes, next);
	return next;
}

/* A pointer argument: both words. */
static struct node *
if_pointer(struct generator *g, unsigned int i, struct node *set, struct node *null)
{
	struct node *low = argument(g, i, equal(g, 0, null, set));

	return load(g, offsetof(struct seccomp_data, args) + 8 * i + 4, equal(g, 0, low, set));
}

/* ---- the search tree over system call numbers ------------------------------------------------ */

static int
compare_calls(const void *a, const void *b)
{
	uint32_t x = ((const struct call *)a)->number, y = ((const struct call *)b)->number;

	return (x > y) - (x < y);
}

static void
range_add(struct generator *g, uint32_t first, uint32_t last, struct node *node)
{
	struct range *before = g->ranges ? &g->range[g->ranges - 1] : NULL;

	if (before && before->node == node) {
		before->last = last;
		return;
	}
	if (g->ranges == RANGES_MAX)
		die("too many ranges", g->architecture);
	g->range[g->ranges++] = (struct range){ first, last, node };
}

/* Every number there is, in order, each with what happens to it. */
static void
ranges_make(struct generator *g)
{
	uint32_t next = 0;

	qsort(g->call, g->calls, sizeof(g->call[0]), compare_calls);
	for (size_t i = 0; i < g->calls; i++) {
		uint32_t number = g->call[i].number;

		if (number > next)
			range_add(g, next, number - 1, allow(g));
		range_add(g, number, number, g->call[i].node);
		next = number + 1;
	}
	if (g->x86_64 && !g->i386) {
		range_add(g, next, X32_BIT - 1, allow(g));
		range_add(g, X32_BIT, UINT32_MAX, deny(g, ENOSYS, HOOK_FILTER_ARCH));
	} else {
		range_add(g, next, UINT32_MAX, allow(g));
	}
}

/* How often a walk ends here: once per number at installation. */
static uint32_t
range_weight(const struct range *r)
{
	uint32_t last = r->last < NUMBERS ? r->last : NUMBERS - 1;

	if (r->first >= NUMBERS)
		return 0;
	return (last - r->first + 1) * (r->node->kind == NODE_RETURN ? 1 : WEIGHT_ARGUMENTS);
}

/*
 * Where most numbers are allowed, the others can be tested for equality one by one: one
 * instruction each, where a tree needs two. UINT32_MAX when these ranges are not like that.
 */
static uint32_t
chain_cost(const struct generator *g, size_t i, size_t j, const struct node *allowed)
{
	uint32_t cost = 0, tests = 0, others = 0;

	for (size_t m = i; m <= j; m++) {
		const struct range *r = &g->range[m];

		if (r->node == allowed) {
			others += range_weight(r);
			continue;
		}
		if (r->last - r->first >= CHAIN_WIDTH)
			return UINT32_MAX;
		tests += r->last - r->first + 1;
		cost += range_weight(r) * tests;
	}
	return others ? cost + others * tests + COST_INSTRUCTION * tests : UINT32_MAX;
}

/* The cheapest tree for every run of ranges, shorter runs first. */
static void
tree_plan(struct generator *g)
{
	const struct node *allowed = allow(g);

	for (size_t i = 0; i < g->ranges; i++)
		g->cost[i][i] = 0;
	for (size_t n = 2; n <= g->ranges; n++) {
		for (size_t i = 0; i + n <= g->ranges; i++) {
			size_t j = i + n - 1;
			uint32_t weight = COST_INSTRUCTION;

			for (size_t m = i; m <= j; m++)
				weight += range_weight(&g->range[m]);
			g->cost[i][j] = chain_cost(g, i, j, allowed);
			g->split[i][j] = 0;
			for (size_t m = i + 1; m <= j; m++) {
				uint32_t cost = weight + g->cost[i][m - 1] + g->cost[m][j];

				if (cost < g->cost[i][j]) {
					g->cost[i][j] = cost;
					g->split[i][j] = (uint16_t)m;
				}
			}
		}
	}
}

static struct node *
tree_build(struct generator *g, size_t i, size_t j)
{
	size_t m = g->split[i][j];
	struct node *next;

	if (i == j)
		return g->range[i].node;
	if (m != 0)
		return jump(g, BPF_JGE, g->range[m].first, tree_build(g, m, j),
			    tree_build(g, i, m - 1));
	next = allow(g);
	for (size_t k = j + 1; k-- > i;) {
		const struct range *r = &g->range[k];

		for (uint32_t n = r->last + 1; r->node != allow(g) && n-- > r->first;)
			next = equal(g, n, r->node, next);
	}
	return next;
}

/* ---- writing, last instruction first --------------------------------------------------------- */

static int
put(struct generator *g, struct sock_filter code, enum hook tag)
{
	struct program *p = &g->program;

	if (p->length == CODE_MAX)
		die("program too long", g->architecture);
	p->code[p->length] = code;
	p->tag[p->length] = (unsigned char)tag;
	return p->length++;
}

/* Instructions skipped by a jump from the next one to be written. */
static int
distance(const struct generator *g, int at)
{
	return g->program.length - at - 1;
}

static bool
in_reach(const struct generator *g, const struct node *n)
{
	/* One less than the limit, because a second stand-in pushes the first away. */
	return distance(g, n->at) < JUMP_MAX;
}

static int
put_jump(struct generator *g, const struct node *n, int yes, int no)
{
	unsigned short op = (unsigned short)(BPF_JMP | n->op | BPF_K);

	return put(g,
		   (struct sock_filter)BPF_JUMP(op, n->k, (unsigned char)distance(g, yes),
						(unsigned char)distance(g, no)),
		   HOOK_NONE);
}

/* A stand-in close to the next instruction: repeated where one instruction can be, else a jump. */
static int
put_near(struct generator *g, struct node *n)
{
	if (n->kind == NODE_RETURN)
		return n->at = put(g, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, n->k), n->tag);
	if (n->kind == NODE_JUMP && in_reach(g, n->yes) && in_reach(g, n->no))
		return n->at = put_jump(g, n, n->yes->at, n->no->at);
	return put(g, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)distance(g, n->at)),
		   HOOK_NONE);
}

static size_t
unwritten(const struct node *n)
{
	if (!n || n->at >= 0)
		return 0;
	return 1 + unwritten(n->yes) + unwritten(n->no);
}

static void
write_node(struct generator *g, struct node *n)
{
	if (n->at >= 0)
		return;
	if (n->kind == NODE_RETURN) {
		(void)put_near(g, n);
	} else if (n->kind == NODE_JUMP) {
		bool yes_is_larger = unwritten(n->yes) > unwritten(n->no);
		int yes, no;

		/* The smaller part lies between the jump and the larger one: short distances. */
		write_node(g, yes_is_larger ? n->yes : n->no);
		write_node(g, yes_is_larger ? n->no : n->yes);
		yes = in_reach(g, n->yes) ? n->yes->at : put_near(g, n->yes);
		no = in_reach(g, n->no) ? n->no->at : put_near(g, n->no);
		n->at = put_jump(g, n, yes, no);
	} else {
		uint16_t op = n->kind == NODE_LOAD ? BPF_LD | BPF_W | BPF_ABS
						   : BPF_ALU | BPF_AND | BPF_K;

		write_node(g, n->yes);
		if (distance(g, n->yes->at) != 0)
			(void)put_near(g, n->yes);
		n->at = put(g, (struct sock_filter)BPF_STMT(op, n->k), HOOK_NONE);
	}
}

static void
program_reverse(struct program *p)
{
	for (int i = 0, j = p->length - 1; i < j; i++, j--) {
		struct sock_filter code = p->code[i];
		unsigned char tag = p->tag[i];

		p->code[i] = p->code[j];
		p->tag[i] = p->tag[j];
		p->code[j] = code;
		p->tag[j] = tag;
	}
}

#endif
