// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-owner.c - sockets of this process are found by their inodes, others are not
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "skbtrail.h"

static int open_socket(uint64_t *inode)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	*inode = st.st_ino;
	return fd;
}

static void test_owner(void **state)
{
	const struct trail_owner *owner;
	struct trail_owners *owners;
	uint64_t inode, closed;
	int fd;

	assert_int_equal(prctl(PR_SET_NAME, "owner of it", 0, 0, 0), 0);
	close(open_socket(&closed));
	fd = open_socket(&inode);
	assert_int_equal(trail_owners_new(&owners), 0);
	assert_int_equal(trail_owners_look(owners), 0);
	trail_owners_want(owners, inode);
	trail_owners_want(owners, 0);
	assert_null(trail_owners_find(owners, inode));
	assert_int_equal(trail_owners_look(owners), 1);
	owner = trail_owners_find(owners, inode);
	assert_non_null(owner);
	assert_int_equal(owner->pid, getpid());
	assert_string_equal(owner->comm, "owner of it");
	assert_null(trail_owners_find(owners, 0));
	/* The number may have been given to the second one. */
	if (closed != inode) {
		trail_owners_want(owners, closed);
		assert_int_equal(trail_owners_look(owners), 1);
		assert_null(trail_owners_find(owners, closed));
	}
	/* Asked for once more, nothing is looked for. */
	trail_owners_want(owners, inode);
	trail_owners_want(owners, closed);
	assert_int_equal(trail_owners_look(owners), 0);
	close(fd);
	trail_owners_free(owners);
}

/* More than it keeps: the last one is found all the same. */
static void test_many(void **state)
{
	struct trail_owners *owners;
	uint64_t inode;
	int fd = open_socket(&inode);

	assert_int_equal(trail_owners_new(&owners), 0);
	for (uint64_t i = 0; i < 5000; i++)
		trail_owners_want(owners, UINT64_MAX - i);
	trail_owners_want(owners, inode);
	assert_int_equal(trail_owners_look(owners), 1);
	assert_non_null(trail_owners_find(owners, inode));
	close(fd);
	trail_owners_free(owners);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
