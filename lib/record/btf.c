// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * btf.c - BTF -> offsets and sizes of members
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "btf.h"

#define MAX_NAME	128
#define MAX_NESTED	8	/* unnamed unions in unnamed structures */

int btf_open(const char *path, struct btf **out)
{
	/* libbpf speaks on stderr otherwise. */
	libbpf_set_print(NULL);
	*out = btf__parse(path, NULL);
	return *out ? 0 : errno ? -errno : -EINVAL;
}

void btf_close(struct btf *btf)
{
	btf__free(btf);
}

/* The structure or union behind typedefs and qualifiers; NULL: it is neither. */
static const struct btf_type *composite(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type;
	int real = btf__resolve_type(btf, id);

	type = real < 0 ? NULL : btf__type_by_id(btf, (uint32_t)real);
	return type && btf_is_composite(type) ? type : NULL;
}

/* A member that is looked for; @id is its type once it is found. */
struct wanted {
	const struct btf *btf;
	const char *name;
	uint32_t id;
};

/* Members of unnamed structures and unions inside of @type count as its own. */
static bool find_member(struct wanted *wanted, const struct btf_type *type,
			struct btf_place *place, unsigned int depth)
{
	const struct btf *btf = wanted->btf;

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = btf_members(type) + i;
		const char *its_name = btf__name_by_offset(btf, member->name_off);
		uint32_t start = place->offset_bits;
		const struct btf_type *inner;

		if (!its_name)
			continue;
		place->offset_bits = start + btf_member_bit_offset(type, i);
		if (!strcmp(its_name, wanted->name)) {
			place->size_bits = btf_member_bitfield_size(type, i);
			wanted->id = member->type;
			return true;
		}
		inner = *its_name || depth == MAX_NESTED ? NULL : composite(btf, member->type);
		if (inner && find_member(wanted, inner, place, depth + 1))
			return true;
		place->offset_bits = start;
	}
	return false;
}

/* Cuts the next word off @path. */
static int next_name(const char **path, size_t *length, char name[MAX_NAME])
{
	const char *dot = memchr(*path, '.', *length);
	size_t n = dot ? (size_t)(dot - *path) : *length;

	if (!n || n >= MAX_NAME)
		return -EINVAL;
	memcpy(name, *path, n);
	name[n] = '\0';
	*path += n + !!dot;
	*length -= n + !!dot;
	return dot && !*length ? -EINVAL : 0;
}

static int set_size(const struct btf *btf, uint32_t id, struct btf_place *place)
{
	int64_t size;

	place->is_bitfield = place->size_bits != 0;
	if (place->is_bitfield)
		return 0;
	size = btf__resolve_size(btf, id);
	if (size < 0 || size > UINT32_MAX / 8)
		return -EINVAL;
	place->size_bits = (uint32_t)size * 8;
	return 0;
}

int btf_find(const struct btf *btf, const char *path, size_t length, struct btf_place *out)
{
	char name[MAX_NAME];
	struct wanted wanted = { btf, name, 0 };
	const struct btf_type *type;
	int id, err;

	*out = (struct btf_place){ 0 };
	err = next_name(&path, &length, name);
	if (err || !length)
		return -EINVAL;
	id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);
	if (id < 0)
		return -ENOENT;
	wanted.id = (uint32_t)id;
	while (length) {
		type = composite(btf, wanted.id);
		err = type ? next_name(&path, &length, name) : -EINVAL;
		if (err)
			return err;
		if (!find_member(&wanted, type, out, 0))
			return -ENOENT;
	}
	return set_size(btf, wanted.id, out);
}
