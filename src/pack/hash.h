// SHA-1 and SHA-256 by OpenSSL: ids of objects, trailers of packs and indexes.
//
// The one thing to know: OpenSSL 3 looks an algorithm up by name on every legacy call, which costs more than
// hashing a small object; the algorithm is fetched once and the context reused.
#pragma once

#include "pack/object.h"

#include <memory>

struct evp_md_ctx_st;

namespace packscope::pack {

class Hasher { // one per thread
public:
  explicit Hasher(HashKind kind);
  void update(Bytes bytes);
  ObjectId finish(); // and begins anew

  // The id of an object: the hash of "TYPE SIZE\0" + data.
  ObjectId object(ObjectType type, Bytes data);

private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  void start();

  HashKind kind_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

} // namespace packscope::pack
