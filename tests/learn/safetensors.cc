// Weights on disk: what was written is read, and what is broken is refused by name.
#include "learn/safetensors.h"

#include "learn/random.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::learn;

namespace {

std::string file_of(std::string header, const std::string& data) {
  std::string out;
  for (unsigned i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> (8 * i));
  return out + header + data;
}
std::string refusal(const std::string& file) {
  const Result<TensorFile> read = parse_tensors(as_bytes(file), "w");
  return read ? "" : read.error().text();
}
// A header with one tensor, its fields as given.
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"a":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}
const std::string kEight(8, '\0');

} // namespace

TEST_CASE("tensors and metadata survive, and the same content is the same bytes") {
  TensorFile file;
  file.tensors["layers.0.weight"] = {{2, 3}, {1, -2.5f, 3e38f, 0x1p-149f, -0.0f, 0.1f}};
  file.tensors["empty"] = {{0, 4}, {}};
  file.tensors["scalar"] = {{}, {7}};
  file.metadata = {{"labels", "[\"fn\",\"use\"]"}, {"z", "é\n\""}};
  const std::string bytes = serialise_tensors(file);
  CHECK(load_le<std::uint64_t>(as_bytes(bytes).data()) % 8 == 0);
  CHECK(bytes.size() == 8 + load_le<std::uint64_t>(as_bytes(bytes).data()) + 7 * 4);
  const Result<TensorFile> read = parse_tensors(as_bytes(bytes));
  REQUIRE(read);
  CHECK(read->metadata == file.metadata);
  REQUIRE(read->tensors.size() == 3);
  for (const auto& [name, tensor] : file.tensors) {
    CHECK(read->tensors.at(name).shape == tensor.shape);
    CHECK(read->tensors.at(name).values == tensor.values);
  }
  CHECK(serialise_tensors(*read) == bytes);
}

TEST_CASE("a broken header is refused") {
  CHECK(refusal("") == "w: offset 0: header size: the file ends inside it");
  CHECK(refusal("1234567") == "w: offset 0: header size: the file ends inside it");
  CHECK(refusal(std::string(7, '\0') + "\x80") ==
        "w: offset 0: header size: 9223372036854775808 is above 16 MiB");
  CHECK(refusal(std::string("\x09\0\0\0\0\0\0\0{}", 10)) == "w: offset 8: header: the file ends inside it");
  CHECK(refusal(file_of("{", "")) == "w: offset 8: header: not JSON");
  CHECK(refusal(file_of("[]", "")) == "w: offset 8: header: not a JSON object");
  CHECK(refusal(file_of("\xff{}", "")) == "w: offset 8: header: not JSON");
  CHECK(refusal(file_of(std::string(1 << 20, '['), "")) == "w: offset 8: header: nested too deep");
  CHECK(refusal(file_of(R"({"__metadata__":{"a":1}})", "")) == "w: offset 8: __metadata__: 'a' is not a text");
  CHECK(refusal(file_of(R"({"__metadata__":"a"})", "")) == "w: offset 8: __metadata__: not an object");
  CHECK(refusal(file_of("{}", "x")) == "w: offset 10: data: bytes after the last tensor");
}

TEST_CASE("a tensor that lies is refused by name and field") {
  CHECK(refusal(file_of(one(R"("F32")", "[2]", "[0,8]"), kEight)).empty());
  const auto says = [](const std::string& header, const std::string& what) {
    CHECK(refusal(file_of(header, kEight)) == "w: offset 8: tensor 'a': " + what);
  };
  says(R"({"a":3})", "not an object");
  says(one("7", "[2]", "[0,8]"), "dtype: not a text");
  says(one(R"("F16")", "[4]", "[0,8]"), "dtype F16: only F32 and BF16 are read");
  says(one(R"("F32")", "2", "[0,8]"), "shape: not an array");
  says(one(R"("F32")", "[-2]", "[0,8]"), "shape: not an unsigned number");
  says(one(R"("F32")", "[2.0]", "[0,8]"), "shape: not an unsigned number");
  says(one(R"("F32")", "[3]", "[0,8]"), "shape: does not fit data_offsets");
  says(one(R"("F32")", "[4294967296,4294967296]", "[0,8]"), "shape: above 2^64 values");
  says(one(R"("F32")", "[4611686018427387906]", "[0,8]"), "shape: does not fit data_offsets"); // times 4 is 8 again
  says(one(R"("F32")", "[2]", "[0,8,8]"), "data_offsets: not two numbers");
  says(one(R"("F32")", "[2]", "[8,0]"), "data_offsets: outside of the data");
  says(one(R"("F32")", "[2]", "[0,9]"), "data_offsets: outside of the data");
  says(one(R"("F32")", "[2]", "[18446744073709551608,18446744073709551615]"), "data_offsets: outside of the data");
  says(one(R"("F32")", "[1]", "[4,8]"), "data_offsets: a gap before it");
  says(one(R"("F32")", "[1]", "[0,7]"), "shape: does not fit data_offsets");
}

TEST_CASE("overlaps, names given twice and values that are no numbers are refused") {
  const std::string entry = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  CHECK(refusal(file_of(R"({"a":)" + entry + R"(,"b":)" + entry + "}", kEight)) ==
        "w: offset 8: tensor 'b': data_offsets: overlap another tensor");
  CHECK(refusal(file_of(R"({"a":)" + entry + R"(,"a":)" + entry + "}", kEight)) ==
        "w: offset 8: header: 'a' occurs twice");
  const std::string header = one(R"("F32")", "[2]", "[0,8]");
  const std::string offset = std::to_string(8 + header.size() + 4);
  for (const char* bits : {"\0\0\xc0\x7f", "\0\0\x80\xff"}) // NaN, -infinity
    CHECK(refusal(file_of(header, std::string(4, '\0') + std::string(bits, 4))) ==
          "w: offset " + offset + ": tensor 'a': value 1: not finite");
}

TEST_CASE("no cut and no flipped byte of a good file crashes the reader") {
  TensorFile file;
  file.tensors["a"] = {{3, 2}, {1, 2, 3, 4, 5, 6}};
  file.tensors["b"] = {{2}, {7, 8}};
  file.metadata["task"] = "declaration";
  const std::string good = serialise_tensors(file);
  for (std::size_t size = 0; size < good.size(); ++size) CHECK(!parse_tensors(as_bytes(good.substr(0, size))));
  Random random(1);
  std::size_t refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bad = good;
    for (unsigned flips = 1 + random.below(3); flips > 0; --flips)
      bad[random.below(static_cast<std::uint32_t>(bad.size()))] = static_cast<char>(random.next());
    refused += !parse_tensors(as_bytes(bad));
  }
  CHECK(refused > 10000);
}
