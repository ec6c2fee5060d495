// Flakes: every spelling of inputs, as one record.
#include "deps/flake.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

using namespace packscope;
using namespace packscope::deps;
using Json = nlohmann::json;

namespace {

Json flake_record(const std::string& text) {
  const Result<Flake> flake = parse_flake(text);
  if (!flake) return flake.error().text();
  JsonWriter json;
  json.begin_object();
  write_fields(json, *flake);
  json.end_object();
  return Json::parse(json.text());
}

} // namespace

TEST_CASE("inputs in all their spellings are one and the same", "[flake]") {
  const Json wanted = Json::parse(R"([
    {"name":"a","url":"github:o/a","type":"github","flake":true,"follows":null,"inputs":{"nixpkgs":{"follows":"nixpkgs"}},
     "original":{"type":"github","owner":"o","repo":"a"}},
    {"name":"nixpkgs","url":"nixpkgs/23.05","type":"indirect","flake":false,"follows":null,"inputs":{},
     "original":{"type":"indirect","id":"nixpkgs","ref":"23.05"}}])");
  const std::string outputs = " outputs = inputs: let x = 1; in { }; }";
  for (const std::string inputs :
       {"inputs.a.url = \"github:o/a\"; inputs.a.inputs.nixpkgs.follows = \"nixpkgs\"; inputs.nixpkgs.url = \"nixpkgs/23.05\"; "
        "inputs.nixpkgs.flake = false;",
        "inputs = { a = { url = \"github:o/a\"; inputs = { nixpkgs = { follows = \"nixpkgs\"; }; }; }; nixpkgs = { flake = false; "
        "url = ''nixpkgs/23.05''; }; };",
        "inputs = { \"a\".url = github:o/a; a.inputs.\"nixpkgs\".follows = \"nixpkgs\"; }; /* ; */ inputs.nixpkgs = { url = "
        "\"nixpkgs/23.05\"; flake = false; };"})
    CHECK(flake_record("{ description = \"d\"; " + inputs + outputs)["inputs"] == wanted);
}

TEST_CASE("attributes in place of a url, follows, and nothing at all", "[flake]") {
  const Json inputs = flake_record("{ inputs = { a = { type = \"git\"; url = \"https://h/a\"; shallow = true; };"
                             " b.follows = \"a/b\"; c = { }; d.inputs.x.url = \"github:o/x\"; }; outputs = _: { }; }")["inputs"];
  CHECK(inputs[0]["original"] == Json::parse(R"({"type":"git","url":"https://h/a","shallow":true})"));
  CHECK(inputs[0]["url"] == "https://h/a");
  CHECK(inputs[1]["follows"] == "a/b");
  CHECK(inputs[1]["type"].is_null());
  CHECK(inputs[2]["original"] == Json::parse(R"({"type":"indirect","id":"c"})"));
  CHECK(inputs[3]["inputs"] == Json::parse(R"({"x":{"url":"github:o/x","type":"github",
    "original":{"type":"github","owner":"o","repo":"x"}}})"));
}

TEST_CASE("inputs that only outputs name are left out", "[flake]") {
  const Json flake = flake_record("{ description = ''\n  a flake\n''; outputs = { self, nixpkgs, ... }: { }; }");
  CHECK(flake["inputs"].empty());
  CHECK(flake_record("{ inputs.self.submodules = true; outputs = { self }: { }; }")["inputs"].empty());
  CHECK(flake["description"] == "a flake\n");
}

TEST_CASE("what nix refuses in inputs is an error that says where", "[flake]") {
  const auto error = [](const std::string& inputs) { return flake_record("{\ninputs." + inputs + ";\noutputs = _: { }; }"); };
  CHECK(error("a.url = import ./x") == "line 2: not a literal");
  CHECK(error("a = \"github:o/a\"") == "line 2: input 'a' is no set");
  CHECK(error("a.url = \"mailto:x\"") == "line 2: input 'a': no flake reference: mailto:x");
  CHECK(error("a = { url = \"github:o/a\"; ref = \"x\"; }") == "line 2: input 'a' has 'ref', but no type");
  CHECK(error("a.flake = \"no\"") == "line 2: 'flake' is neither true nor false");
  CHECK(flake_record("{ lib, ... }: { }").get<std::string>().ends_with("a flake is a set, and no function"));
}
