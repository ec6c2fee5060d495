// Votes by language out of the encoded bytes, against the evidence they were encoded from.
#include "random_lattice.h"

#include "lattice/label.h"
#include "lattice/votes.h"

#include <algorithm>

using namespace packscope;
using namespace packscope::test;

namespace {

// Every language, and names that are nearly one: shorter, longer, longer only behind the eighth letter, none at all.
std::vector<std::string> languages_and_others() {
  std::vector<std::string> texts = {"", "x", "javascripts", "javascrip", "javascriqt"};
  for (unsigned i = 0; i < syntax::kLanguages; ++i) {
    const std::string name(syntax::name(static_cast<syntax::Language>(i)));
    texts.insert(texts.end(), {name, name + "x", name.substr(0, name.size() - 1)});
  }
  return texts;
}

} // namespace

TEST_CASE("votes by language are those of the evidence, whoever's are marked; languages that are none have no vote", "[votes]") {
  learn::Random random(7);
  const std::vector<std::string> texts = languages_and_others();
  std::size_t read = 0, unread = 0, told = 0, untold = 0;
  for (unsigned round = 0; round < 500; ++round) {
    Evidence evidence;
    const unsigned most = random.below(3) == 0 ? 200 : 8;
    for (unsigned i = 0; i < 1 + random.below(12); ++i) {
      const std::string text = lattice::label(random.below(8) == 0 ? LabelKind::manifest : LabelKind::language, texts[random.below(static_cast<std::uint32_t>(texts.size()))]);
      for (unsigned vote = 0; vote < 1 + random.below(most); ++vote) evidence.add(text, 1 + random.below(most), 1 + random.below(1000));
    }
    std::string bytes;
    evidence.encode(bytes);
    const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end()); // a sanitizer sees a step beyond its end

    const Element own = round % 2 == 0 ? 0 : 3;
    lattice::LanguageVotes expected;
    bool any = false;
    for (const Votes& votes : evidence.votes())
      for (unsigned i = 0; i < syntax::kLanguages; ++i)
        if (votes.label == lattice::label(LabelKind::language, syntax::name(static_cast<syntax::Language>(i)))) {
          any = true;
          expected.repositories[i] = static_cast<float>(votes.repositories.count());
          expected.objects[i] = static_cast<float>(votes.objects.count());
          expected.all_repositories += expected.repositories[i];
          expected.all_objects += expected.objects[i];
          if (own != 0 && std::ranges::binary_search(votes.repositories.elements(), own)) expected.own |= 1u << i;
        }
    lattice::LanguageVotes votes;
    bool damaged = false;
    REQUIRE(lattice::read_votes(exact, own, votes, damaged) == any);
    REQUIRE_FALSE(damaged);
    REQUIRE(votes.repositories == expected.repositories);
    REQUIRE(votes.objects == expected.objects);
    REQUIRE(votes.all_repositories == expected.all_repositories);
    REQUIRE(votes.all_objects == expected.all_objects);
    REQUIRE(votes.own == expected.own);
    ++(any ? read : unread);
    const std::vector<std::uint8_t> cut(exact.begin(), exact.begin() + random.below(static_cast<std::uint32_t>(exact.size())));
    lattice::LanguageVotes some;
    lattice::read_votes(cut, own, some, damaged);
    REQUIRE(some.all_repositories <= expected.all_repositories);
    if (some.all_repositories < expected.all_repositories) ++(damaged ? told : untold);
  }
  CHECK(read > 100);
  CHECK(unread > 10);
  CHECK(told > 100);
  CHECK(untold < told / 4); // was cut between two entries
}
