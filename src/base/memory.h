// How the allocator gives memory back to the system.
#pragma once

namespace packscope {

// Call once, before anything large is allocated. glibc gives what is freed back as soon as it can, also where the next
// batch of texts asks for it again a moment later: then the kernel clears each page anew, which took more than a third of
// the time of reading a history of lock files. With this a few megabytes a thread stay; what is larger goes back at once.
void keep_freed_memory();

} // namespace packscope
