/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * abi.h - where a function of a program finds its arguments when it is entered
 *
 * That is what all compilers of C and C++ agree on: for x86-64 the System V psABI, section 3.2.3,
 * for arm64 the AAPCS64, section 6.8.  Go has a convention of its own, Rust promises none.
 */
#ifndef PROBE_ABI_H
#define PROBE_ABI_H

#include "types.h"

/**
 * struct abi - between two arguments
 * @machine: EM_X86_64 or EM_AARCH64
 * @nr_int, @nr_float: registers that are taken
 * @stack_bytes: of the arguments that are on the stack
 */
struct abi {
	unsigned int machine;
	unsigned int nr_int;
	unsigned int nr_float;
	uint64_t stack_bytes;
};

/* @return_type: of the function, PROBE_NO_TYPE: it returns nothing. */
void abi_begin(struct abi *abi, unsigned int machine, const struct probe_types *types,
	       uint64_t return_type);
/* The next argument. */
void abi_next(struct abi *abi, const struct probe_types *types, uint64_t type,
	      struct probe_place *place);

/*
 * The @nth argument, the first is 1, where all are integers or pointers.
 * Return: 0; -EINVAL: there is no such argument; -ENOTSUP another machine.
 */
int abi_argument(unsigned int machine, unsigned int nth, struct probe_place *place);
/* The register that has what a function returns: "%ax"; NULL: not known for this machine. */
const char *abi_return_register(unsigned int machine);
/* A register by its number in DWARF: "%di"; NULL: none that the kernel could fetch. */
const char *abi_register(unsigned int machine, uint64_t number);

#endif /* PROBE_ABI_H */
