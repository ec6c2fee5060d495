// flake.lock, versions 5 to 7.
#include "deps/flake.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace packscope;
using namespace packscope::deps;
using Json = nlohmann::json;

namespace {

Json lock_record(const Json& lock) {
  const Result<FlakeLock> parsed = parse_flake_lock(lock.dump());
  if (!parsed) return parsed.error().text();
  JsonWriter json;
  json.begin_object();
  write_fields(json, *parsed);
  json.end_object();
  return Json::parse(json.text());
}

Json lock_of(int version) {
  return Json::parse(R"({"root":"root","nodes":{
    "root":{"inputs":{"a":"a_2","nixpkgs":["a","nixpkgs"]}},
    "a_2":{"inputs":{},"flake":false,
      "locked":{"type":"github","owner":"o","repo":"a","rev":"00ff","narHash":"sha256-x","lastModified":7},
      "original":{"type":"github","owner":"o","repo":"a","ref":"main"}}}})")
      .patch(Json::array({{{"op", "add"}, {"path", "/version"}, {"value", version}}}));
}

} // namespace

TEST_CASE("nodes with what they are locked to, and edges", "[flake]") {
  for (const int version : {5, 6, 7}) {
    const Json got = lock_record(lock_of(version));
    CHECK(got["root"] == "root");
    CHECK(got["nodes"][0] == Json::parse(R"({"name":"a_2","type":"github","owner":"o","repo":"a","url":null,"ref":"main",
      "rev":"00ff","narHash":"sha256-x","lastModified":7,"inputs":{},"flake":false})"));
    CHECK(got["nodes"][1]["inputs"] == Json::parse(R"({"a":"a_2","nixpkgs":["a","nixpkgs"]})"));
    CHECK(got["nodes"][1]["type"].is_null());
  }
}

TEST_CASE("version 5 keeps hash and time in info", "[flake]") {
  Json lock = lock_of(5);
  Json& node = lock["nodes"]["a_2"];
  node["info"] = {{"narHash", node["locked"]["narHash"]}, {"lastModified", node["locked"]["lastModified"]}};
  node["locked"].erase("narHash");
  node["locked"].erase("lastModified");
  CHECK(lock_record(lock) == lock_record(lock_of(5)));
}

TEST_CASE("other versions, and what is no lock, are refused", "[flake]") {
  CHECK(lock_record(lock_of(4)) == "lock file version 4 is not one of 5, 6, 7");
  CHECK(lock_record(lock_of(8)).is_string());
  CHECK(lock_record(Json::array()).is_string());
  CHECK(lock_record({{"version", 7}, {"root", "root"}, {"nodes", {{"root", 3}}}}) == "node 'root' is no object");
  CHECK(parse_flake_lock("{\n\"version\": }").error().text() == "line 2: not JSON");
}
