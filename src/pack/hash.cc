// Hashing through EVP; see hash.h. OpenSSL fails here only without memory or without SHA: both end the
// program.
#include "pack/hash.h"

#include "base/lazy_folders.h"
#include "base/lazy_library.h"
#include "pack/store.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace packscope::pack {

// Loaded with the first hash: what is read by its id alone needs none.
namespace openssl {
#define PACKSCOPE_TEXT_OF(text) #text
#define PACKSCOPE_TEXT(text) PACKSCOPE_TEXT_OF(text)
static const LazyLibrary kCrypto(PACKSCOPE_LIBCRYPTO_FOLDER, "libcrypto.so." PACKSCOPE_TEXT(OPENSSL_SHLIB_VERSION));
static const LazyFunction<decltype(::EVP_MD_fetch)> EVP_MD_fetch(kCrypto, "EVP_MD_fetch");
static const LazyFunction<decltype(::EVP_MD_CTX_new)> EVP_MD_CTX_new(kCrypto, "EVP_MD_CTX_new");
static const LazyFunction<decltype(::EVP_MD_CTX_free)> EVP_MD_CTX_free(kCrypto, "EVP_MD_CTX_free");
static const LazyFunction<decltype(::EVP_DigestInit_ex2)> EVP_DigestInit_ex2(kCrypto, "EVP_DigestInit_ex2");
static const LazyFunction<decltype(::EVP_DigestUpdate)> EVP_DigestUpdate(kCrypto, "EVP_DigestUpdate");
static const LazyFunction<decltype(::EVP_DigestFinal_ex)> EVP_DigestFinal_ex(kCrypto, "EVP_DigestFinal_ex");
#undef PACKSCOPE_TEXT
#undef PACKSCOPE_TEXT_OF
} // namespace openssl
using namespace openssl;

static void require(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL offers no SHA-1 or SHA-256");
}

static const EVP_MD* algorithm(HashKind kind) {
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kind == HashKind::sha1 ? sha1 : sha256;
}

void Hasher::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Hasher::Hasher(HashKind kind) : kind_(kind) {}

void Hasher::start() {
  if (context_ == nullptr) context_.reset(EVP_MD_CTX_new());
  require(context_ != nullptr);
  require(EVP_DigestInit_ex2(context_.get(), algorithm(kind_), nullptr) == 1);
}

void Hasher::update(Bytes bytes) {
  if (context_ == nullptr) start();
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

ObjectId Hasher::finish() {
  if (context_ == nullptr) start();
  ObjectId id;
  id.kind = kind_;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1 && size == hash_size(kind_));
  std::memcpy(id.bytes.data(), digest.data(), size);
  start();
  return id;
}

ObjectId Hasher::object(ObjectType type, Bytes data) {
  const std::string head = std::string(name(type)) + ' ' + std::to_string(data.size()) + '\0';
  update(as_bytes(head));
  update(data);
  return finish();
}

ObjectId hash_object(ObjectType type, Bytes data, HashKind kind) {
  return Hasher(kind).object(type, data);
}

} // namespace packscope::pack
