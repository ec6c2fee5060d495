// A trained network with all that is needed to use it, and to judge it: what it reads, what its classes are called, how it
// was trained, on what, and who was held out.
//
// In the safetensors file: `layers.N.weight` [outputs, inputs] (BF16 where the rung's features are not standardised) and
// `layers.N.bias`; where they are, `feature.mean` and `feature.scale`; and as metadata the fields below as text (lists and
// records as JSON).
#pragma once

#include "learn/network.h"
#include "learn/rung.h"
#include "learn/safetensors.h"
#include "learn/split.h"
#include "learn/standardise.h"

namespace packscope::learn {

struct Model {
  std::string task;                // "declaration"
  const Rung* rung = nullptr;      // never null in a model that was read
  std::vector<std::string> labels; // by class; of several questions "question:class"
  Shape shape;
  std::vector<float> parameters;   // network.h
  Standard standard;               // empty where the rung's values stand as they are
  float temperature = 1.0f;        // logits are divided by it: confidences that say how often they are right
  Split split;
  std::uint64_t seed = 0;
  // For people and for later: "training" (settings), "corpus" (what it was trained on), "figures" (what it reached).
  std::map<std::string, std::string> notes;
};

TensorFile to_tensors(const Model& model);
// Checks that tensors, labels and rung belong together; `file` is for messages.
Result<Model> from_tensors(const TensorFile& tensors, std::string_view file = {});

// Brings the weights to the 8 bits of mantissa that the file keeps of a sparse rung's: what is measured is what is shipped.
void round_weights(Model& model);

Result<Model> load_model(const std::string& path);
Result<void> save_model(const Model& model, const std::string& path); // written aside and renamed

} // namespace packscope::learn
