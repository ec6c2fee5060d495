// Weights on disk: safetensors (github.com/huggingface/safetensors, "Format").
//
//   file    := header-size:u64le  header{header-size}  data
//   header  := JSON { NAME: {"dtype": "F32"|"BF16", "shape": [n…], "data_offsets": [begin, end]}…,
//                     "__metadata__": {NAME: TEXT…} }                 offsets count from the start of data
//
// A file from somebody else is read as hostile: sizes, offsets, overlaps, gaps, shapes, types and values are checked, and
// what is wrong is named by tensor and field.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <map>
#include <string>
#include <vector>

namespace packscope::learn {

struct Tensor {
  std::vector<std::uint64_t> shape;
  std::vector<float> values; // row after row
  bool brief = false;        // written as BF16: the upper half of each float, the lower must be 0
};

struct TensorFile {
  std::map<std::string, Tensor> tensors;        // sorted: the same content is the same bytes
  std::map<std::string, std::string> metadata;  // "__metadata__"
};

inline constexpr std::uint64_t kMaxTensorHeader = std::uint64_t{16} << 20;

// Only F32 and BF16, only finite values. `file` is for messages.
Result<TensorFile> parse_tensors(Bytes bytes, std::string_view file = {});
std::string serialise_tensors(const TensorFile& file); // header padded with spaces to a multiple of 8

} // namespace packscope::learn
