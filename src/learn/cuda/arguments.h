// What each kernel is given: one struct, by value. The kernels (kernels.cu) and the host's side include this same file,
// so that neither can be wrong about the other; NVRTC knows no system header, hence plain types and no include.
//
// Pointers are the device's. Rows lie `stride` floats apart; column `width` of a row that is a layer's input holds 1.
#pragma once

namespace packscope { namespace learn { namespace cuda {

enum Function { kRelu, kTanh };

// out row r = inputs row order[r] (order null: row r) and the 1 behind it.
struct Gather {
  const float* inputs; // rows of width
  const unsigned* order;
  float* out;
  unsigned rows, width, stride;
};

// values row r = function(values row r) and the 1 behind it.
struct Activate {
  float* values;
  unsigned rows, width, stride;
  Function function;
};

// logits row r = scale * (softmax - one_hot(label)), with label = labels[order[r]] (order null: labels[r]).
struct CrossEntropy {
  float* logits;
  const unsigned* labels;
  const unsigned* order;
  float* loss;       // of each row
  unsigned* correct; // 1 where the first greatest logit is the label's
  unsigned rows, classes, stride;
  float scale;
};

// delta *= the function's slope, told from its value.
struct Slope {
  const float* values;
  float* delta;
  unsigned rows, width, stride;
  Function function;
};

// One step of one layer; column `bias` of each row does not decay.
struct AdamStep {
  const float* gradient;
  float *first, *second, *parameters;
  unsigned rows, bias, stride;
  float beta1, beta2, epsilon;
  float rate;               // learning rate / (1 - beta1^t)
  float inverse_root_bias2; // 1 / sqrt(1 - beta2^t)
  float decay;              // learning rate * weight decay
};

}}} // namespace packscope::learn::cuda
