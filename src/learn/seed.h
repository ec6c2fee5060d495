// The experiment this project grew from: can a tiny network tell the kind of a declaration from its first 16 compressed
// bytes? Eight Rust declarations, 16→32→3, 100 epochs. All eight are training samples: it shows that it can be learned by
// heart, nothing more; what holds on unseen files is what `train` with a corpus reports.
#pragma once

#include "learn/dataset.h"
#include "learn/training.h"

namespace packscope::learn {

// The paragraphs of a text that do not begin with a comment; item: the first word; group: the paragraph's number.
std::vector<DeclarationSample> parse_declarations(std::string_view text);
// traces/seed/declarations.rs, which is part of the program.
std::vector<DeclarationSample> seed_declarations();

Plan seed_plan(); // 32 hidden units, 100 epochs, all eight in one minibatch

} // namespace packscope::learn
