// The record writer: what it writes is read back by nlohmann/json.
#include "base/json.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <random>

using packscope::JsonWriter;

TEST_CASE("nested records read back as written") {
  JsonWriter json;
  json.begin_object().field("a", 1).field("b", "x\"\\\n\x01").key("c").begin_array().value(true).value(-2).null();
  json.end_array().key("d").begin_object().end_object().field("e", 0.1).null_field("f").end_object();
  const std::string line = json.take_line();
  CHECK(line.back() == '\n');
  CHECK(nlohmann::json::parse(line) ==
        nlohmann::json::parse(R"({"a":1,"b":"x\"\\\n\u0001","c":[true,-2,null],"d":{},"e":0.1,"f":null})"));
  json.begin_object().end_object();
  CHECK(json.take_line() == "{}\n");
}

TEST_CASE("a number that JSON cannot hold is null") {
  JsonWriter json;
  json.begin_array().value(1.0 / 0.0).value(0.0 / 0.0).value(1e300).end_array();
  CHECK(json.text() == "[null,null,1e+300]");
}

TEST_CASE("a path that is not UTF-8 carries its bytes in hex") {
  JsonWriter json;
  json.begin_object().path_field("path", "a\xff" "b").end_object();
  CHECK(json.text() == "{\"path\":\"a\xEF\xBF\xBD" "b\",\"path_hex\":\"61ff62\"}");
  JsonWriter plain;
  plain.begin_object().path_field("path", "caf\xC3\xA9").end_object();
  CHECK(plain.text() == "{\"path\":\"caf\xC3\xA9\"}");
}

TEST_CASE("random bytes always give a record that parses, valid text unchanged") {
  std::mt19937_64 random(2);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 12, '\0');
    for (char& byte : text) byte = static_cast<char>(round % 2 ? random() : 0xC0 + random() % 64);
    JsonWriter json;
    json.value(text);
    const nlohmann::json parsed = nlohmann::json::parse(json.text());
    CHECK(parsed.get<std::string>() == packscope::valid_utf8(text));
    CHECK((packscope::valid_utf8(text) == text) == packscope::is_valid_utf8(text));
  }
}

TEST_CASE("every byte is written the same wherever in a text it stands") {
  for (unsigned byte = 0; byte < 256; ++byte)
    for (std::size_t at = 0; at < 19; ++at) {
      std::string text(19, 'x');
      text[at] = static_cast<char>(byte);
      JsonWriter alone, within;
      alone.value(std::string_view(text).substr(at, 1));
      within.value(text);
      std::string expected = std::string("\"") + std::string(at, 'x') + alone.take_line();
      expected.erase(at + 1, 1); // the quote that opens
      expected.insert(expected.size() - 2, std::string(18 - at, 'x'));
      REQUIRE(within.take_line() == expected);
    }
}
