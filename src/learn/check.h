// What every backend checks of its arguments before it touches them.
#pragma once

#include "learn/backend.h"

namespace packscope::learn {

// Parameters fit the shape, and `inputs` numbers are whole rows.
Result<void> check(const Shape& shape, std::span<const float> parameters, std::size_t inputs);
// And every row has a label of the shape's classes.
Result<void> check(const Shape& shape, std::span<const float> parameters, const Samples& samples);
// One pass: at least one sample a minibatch, none that is not there.
Result<void> check_order(std::span<const std::uint32_t> order, std::uint32_t batch, std::size_t samples);

} // namespace packscope::learn
