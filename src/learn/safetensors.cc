// Reading checks one field after the other in the file's own order; writing is the grammar.
#include "learn/safetensors.h"

#include "base/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

namespace packscope::learn {
namespace {

using Json = nlohmann::json;

struct Extent {
  std::uint64_t begin, end;
  std::string name;
};

// nlohmann/json keeps the last of two equal keys; a file with two tensors of one name has two readings, so it has none.
Result<Json> parse_header(std::string_view text, std::string_view file) {
  std::vector<std::set<std::string>> open;
  std::string twice;
  bool deep = false;
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > 8) deep = true;
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key && !open.back().insert(value.get<std::string>()).second && twice.empty())
      twice = value.get<std::string>();
    return !deep;
  };
  Json header = Json::parse(text, watch, false);
  if (deep) return fail("header: nested too deep", file, 8);
  if (header.is_discarded()) return fail("header: not JSON", file, 8);
  if (!header.is_object()) return fail("header: not a JSON object", file, 8);
  if (!twice.empty()) return fail("header: '" + valid_utf8(twice) + "' occurs twice", file, 8);
  return header;
}

Result<std::map<std::string, std::string>> parse_metadata(const Json& json, std::string_view file) {
  std::map<std::string, std::string> metadata;
  if (!json.is_object()) return fail("__metadata__: not an object", file, 8);
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) return fail("__metadata__: '" + key + "' is not a text", file, 8);
    metadata.emplace(key, value.get<std::string>());
  }
  return metadata;
}

// The field's numbers, all unsigned, or an error that names tensor and field.
Result<std::vector<std::uint64_t>> numbers(const Json& tensor, const char* field, const std::string& name,
                                           std::string_view file) {
  const auto at = tensor.find(field);
  const std::string where = "tensor '" + name + "': " + field;
  if (at == tensor.end() || !at->is_array()) return fail(where + ": not an array", file, 8);
  std::vector<std::uint64_t> values;
  for (const Json& value : *at) {
    if (!value.is_number_unsigned()) return fail(where + ": not an unsigned number", file, 8);
    values.push_back(value.get<std::uint64_t>());
  }
  return values;
}

Result<Tensor> parse_tensor(const Json& json, const std::string& name, Bytes data, std::uint64_t data_offset,
                            std::string_view file, Extent& extent) {
  const std::string where = "tensor '" + name + "': ";
  if (!json.is_object()) return fail(where + "not an object", file, 8);
  const auto dtype = json.find("dtype");
  if (dtype == json.end() || !dtype->is_string()) return fail(where + "dtype: not a text", file, 8);
  const bool brief = *dtype == "BF16";
  if (*dtype != "F32" && !brief)
    return fail(where + "dtype " + dtype->get<std::string>() + ": only F32 and BF16 are read", file, 8);
  const std::uint64_t width = brief ? 2 : 4;
  Result<std::vector<std::uint64_t>> shape = numbers(json, "shape", name, file);
  if (!shape) return std::unexpected(shape.error());
  Result<std::vector<std::uint64_t>> offsets = numbers(json, "data_offsets", name, file);
  if (!offsets) return std::unexpected(offsets.error());
  if (offsets->size() != 2) return fail(where + "data_offsets: not two numbers", file, 8);
  const std::uint64_t begin = (*offsets)[0], end = (*offsets)[1];
  if (begin > end || end > data.size()) return fail(where + "data_offsets: outside of the data", file, 8);
  std::uint64_t count = 1;
  for (const std::uint64_t size : *shape)
    if (__builtin_mul_overflow(count, size, &count)) return fail(where + "shape: above 2^64 values", file, 8);
  if ((end - begin) % width != 0 || count != (end - begin) / width)
    return fail(where + "shape: does not fit data_offsets", file, 8);
  Tensor tensor{std::move(*shape), std::vector<float>(count), brief};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint8_t* at = data.data() + begin + i * width;
    tensor.values[i] = std::bit_cast<float>(brief ? std::uint32_t{load_le<std::uint16_t>(at)} << 16 : load_le<std::uint32_t>(at));
    if (!std::isfinite(tensor.values[i]))
      return fail(where + "value " + std::to_string(i) + ": not finite", file, data_offset + begin + i * width);
  }
  extent = {begin, end, name};
  return tensor;
}

} // namespace

Result<TensorFile> parse_tensors(Bytes bytes, std::string_view file) {
  if (bytes.size() < 8) return fail("header size: the file ends inside it", file, 0);
  const std::uint64_t size = load_le<std::uint64_t>(bytes.data());
  if (size > kMaxTensorHeader) return fail("header size: " + std::to_string(size) + " is above 16 MiB", file, 0);
  if (size > bytes.size() - 8) return fail("header: the file ends inside it", file, 8);
  Result<Json> header = parse_header(as_text(bytes.subspan(8, size)), file);
  if (!header) return std::unexpected(header.error());

  TensorFile result;
  std::vector<Extent> extents;
  const Bytes data = bytes.subspan(8 + size);
  for (const auto& [name, json] : header->items()) {
    if (name == "__metadata__") {
      Result<std::map<std::string, std::string>> metadata = parse_metadata(json, file);
      if (!metadata) return std::unexpected(metadata.error());
      result.metadata = std::move(*metadata);
      continue;
    }
    Result<Tensor> tensor = parse_tensor(json, name, data, 8 + size, file, extents.emplace_back());
    if (!tensor) return std::unexpected(tensor.error());
    result.tensors.emplace(name, std::move(*tensor));
  }
  std::ranges::sort(extents, {}, [](const Extent& extent) { return std::pair(extent.begin, extent.end); });
  std::uint64_t at = 0;
  for (const Extent& extent : extents) {
    if (extent.begin < at) return fail("tensor '" + extent.name + "': data_offsets: overlap another tensor", file, 8);
    if (extent.begin > at) return fail("tensor '" + extent.name + "': data_offsets: a gap before it", file, 8);
    at = extent.end;
  }
  if (at != data.size()) return fail("data: bytes after the last tensor", file, 8 + size + at);
  return result;
}

std::string serialise_tensors(const TensorFile& file) {
  Json header = Json::object(); // sorted by key
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : file.tensors) {
    const std::uint64_t end = at + tensor.values.size() * (tensor.brief ? 2 : 4);
    header[name] = {{"dtype", tensor.brief ? "BF16" : "F32"}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string out;
  for (unsigned i = 0; i < 8; ++i) out += static_cast<char>(text.size() >> (8 * i));
  out += text;
  for (const auto& [name, tensor] : file.tensors)
    for (const float value : tensor.values)
      for (unsigned i = tensor.brief ? 2 : 0; i < 4; ++i) out += static_cast<char>(std::bit_cast<std::uint32_t>(value) >> (8 * i));
  return out;
}

} // namespace packscope::learn
