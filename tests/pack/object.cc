// Ids and their hashes, against git hash-object.
#include "builder.h"

#include <catch2/catch_test_macros.hpp>

using namespace packscope;
using namespace packscope::test;

TEST_CASE("ids in hex, of both lengths", "[object]") {
  const std::string digits = "0123456789abcdef0123456789abcdef01234567";
  CHECK(ObjectId::parse(digits)->hex() == digits);
  CHECK(ObjectId::parse("ABCDEF" + digits.substr(6))->hex() == "abcdef" + digits.substr(6));
  CHECK(ObjectId::parse(digits + digits.substr(0, 24))->kind == HashKind::sha256);
  for (const std::string& bad : {digits.substr(1), digits + "0", "g" + digits.substr(1), std::string()})
    CHECK(!ObjectId::parse(bad));
  CHECK(ObjectId::from(ObjectId::parse(digits)->raw()) == *ObjectId::parse(digits));
  CHECK(*ObjectId::parse(digits) < *ObjectId::parse("1" + digits.substr(1)));
}

TEST_CASE("an object's id is git's", "[object]") {
  TemporaryFolder folder;
  for (const std::string kind : {"sha1", "sha256"}) {
    must_run("git init -q --object-format=" + kind + " " + (folder / kind));
    for (const std::string& text : {std::string(), std::string("text\n"), std::string(100000, 'x')}) {
      write_file(folder / "text", text);
      CHECK(hash_object(ObjectType::blob, as_bytes(text), kind == "sha1" ? HashKind::sha1 : HashKind::sha256)
                .hex() ==
            lines(must_run("git -C " + (folder / kind) + " hash-object " + (folder / "text"))).front());
    }
  }
  Hasher hasher(HashKind::sha1); // begins anew after each
  CHECK(hasher.object(ObjectType::tree, {}).hex() == "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  CHECK(hasher.object(ObjectType::tree, {}).hex() == "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}
