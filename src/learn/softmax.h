// Logits to probabilities, with the project's own exp: the same bits everywhere.
#pragma once

#include <span>

namespace packscope::learn {

// Every row of `classes` numbers becomes its softmax.
void softmax(std::span<float> rows, std::size_t classes);

} // namespace packscope::learn
