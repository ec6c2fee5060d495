// How programs take memory from the system: in pages of 2 MiB where they can, and not again what they had before.
//
// The idea: the first touch of a page is an interrupt, which in a virtual machine costs ten times what clearing the page
// does: for a history of a million objects, a fifth of the time. A large page is one such for 512. So operator new takes
// 2 MiB and more from the system itself, aligned, and the heap under malloc is asked to be of large pages too. (Off under a
// sanitizer, which wants to see each block.)
#pragma once

#include <cstddef>

namespace packscope {

inline constexpr std::size_t kLargePage = std::size_t{2} << 20;

// Done before main() in a program that names this or the next, which then has our operator new, too; called again, it does nothing.
// glibc gives what is freed back as soon as it can, also where the next batch of texts asks for it again a moment later: then the
// kernel clears each page anew, which took more than a third of the time of reading a history of lock files. With this some
// megabytes a thread stay; what is larger goes back at once. And the program's own pages are brought in one go.
void keep_freed_memory();

// Call where a thread begins that allocates: its heap, too, shall be of large pages, up to 64 MiB.
void begin_thread_memory();

// Call after a fork() whose child lives on: the pages that this process wrote are the child's as well, and each next write to one of
// them is an interrupt and a copy. Makes those that were written, up to `most` bytes, this process's own in a few calls.
void own_pages_again(std::size_t most = std::size_t{16} << 20);

} // namespace packscope
