// The largest single allocation by operator new since somebody set this to 0.
#pragma once

#include <atomic>
#include <cstddef>

namespace packscope::test {
extern std::atomic<std::size_t> largest_allocation;
}
